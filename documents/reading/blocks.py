"""Text → blocks and sentences, with places that stay true to the stored text."""

import re
import unicodedata

from documents.reading import language
from documents.types import Block
from documents.vietnamese import fold

_TERMINAL = (".", ";", ":", "!", "?", "…", "”", '"', "/", ")", "*")
_ITEM = re.compile(
    r"(?:[-–+•*●▪]\s|\d{1,2}(?:\.\d{1,2})*[.)]\s|[a-zđ][.)]\s|[IVX]{1,5}[.)]\s*|Điều\s+\d|(?:Chương|Mục|Phần)\s[IVXA-E\d]{1,4}\b|Phần\sthứ\s)"
)
_HEADING = re.compile(r"(?:[IVX]{1,5}[.)]\s*\S|(?:Chương|Mục|Phần)\s[IVXA-E\d]{1,4}\b|Phần\sthứ\s|Điều\s+\d+[.:])")
_RULE_LINE = re.compile(r"[-–—_=*.\s]{3,}|[|\s]+")
_SENTENCE_END = re.compile(r"[.!?…][”\")]?\s+(?=[\"“(•–-]?\s?[A-ZÀ-ỸĐ])")
_ABBREVIATIONS = ("tp", "gs", "ts", "ths", "pgs", "tm", "kt", "tl", "tx", "st", "q", "bs", "ks", "cn", "số")
# a wide gap; blanks left open after "Số:" or "ngày" are no gap
_GAP = re.compile(
    r"(\s*\S(?:[^\s]|\s{1,2}(?=\S)|(?<=Số:)\s+|(?<=ngày)\s+|(?<=tháng)\s+){1,90})(?<!Số:)(?<!ngày)(?<!tháng)\s{3,}(?=\S)"
)
_BASIS = ("Căn cứ ", "- Căn cứ ", "Thực hiện ", "Xét ", "Theo đề nghị ")
_WIDE = re.compile(r"(?<!Số:)(?<!ngày)(?<!tháng)(?<!năm)\s{4,}(?=[A-ZĐÀ-Ỹ])")
_LONGEST_BLOCK = 20_000


def normalised(text: str) -> str:
    """The text as it is stored: NFC, without invisible characters; line breaks, page breaks and tabs are kept."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    kept = (
        " " if unicodedata.category(char) == "Zs" else char
        for char in text
        if char in "\n\f\t" or unicodedata.category(char) not in ("Cc", "Cf", "Cs")
    )
    return unicodedata.normalize("NFC", "".join(kept))


def split_blocks(text: str) -> tuple[Block, ...]:
    """Paragraphs, headings, items and lines of web furniture of normalised `text`, in order.

    Lines that were only broken to fit a width are joined by a space again; a form feed starts a new page.
    """
    width = _wrap_width(text)
    blocks: list[Block] = []
    for number, page in enumerate(text.split("\f"), start=1):
        for paragraph in re.split(r"\n[^\S\n]*\n\s*", page):
            for joined in joined_lines("\n".join(side_by_side(paragraph.split("\n"))), width):
                pieces = [joined] if "\t" in joined else _WIDE.split(joined) if len(joined) < 160 else [joined]
                for piece in pieces:
                    shown = piece if "\t" in piece else " ".join(piece.split())
                    blocks.extend(Block(part, number, kind_of(part)) for part in cut(shown))
    return tuple(blocks)


def side_by_side(lines: list[str]) -> list[str]:
    """`lines` with two columns, as in a heading of two bodies or two signatures, one below the other.

    Columns are lines parted by a gap of three blanks or more, two such lines at least, next to each other; a line
    without a gap belongs to the column under whose text it stands.
    """
    ordered: list[str] = []
    at = 0
    while at < len(lines):
        end = at
        while end < len(lines) and len(lines[end]) < 160 and "\t" not in lines[end] and lines[end].strip():
            end += 1
        block = lines[at:end]
        gaps = [match for line in block if "   " in line.strip() and (match := _GAP.search(line))]
        if len(gaps) >= 2 and len(gaps) * 2 >= len(block):
            edge = min(match.end() for match in gaps) - 3
            left = [match[1] if (match := _GAP.match(line)) else line for line in block if _starts(line) < edge]
            right = [line[match.end() :] if (match := _GAP.match(line)) else line
                     for line in block if _GAP.match(line) or _starts(line) >= edge]  # fmt: skip
            ordered += [*left, "", *right]
        else:
            ordered += block
        ordered += lines[end : max(end + 1, at + 1)] if end < len(lines) else []
        at = max(end + 1, at + 1)
    return ordered


def _starts(line: str) -> int:
    return len(line) - len(line.lstrip())


def _wrap_width(text: str) -> int:
    """The width the text was broken to, 0 if its lines are whole paragraphs."""
    lengths = sorted(len(line) for line in text.split("\n") if line.strip())
    if len(lengths) < 8:
        return 0
    longest = lengths[int(len(lengths) * 0.95)]
    near = sum(longest * 0.7 <= length <= longest + 5 for length in lengths)
    return longest if 50 <= longest <= 110 and near >= len(lengths) * 0.25 else 0


def joined_lines(paragraph: str, width: int = 0) -> list[str]:
    """The lines of one paragraph, joined where they were only broken to fit `width` (0: lines stand for themselves)."""
    joined: list[str] = []
    previous = ""
    for raw in paragraph.split("\n"):
        line = raw.strip(" ")
        if line.count("\t") >= 2 and "\t" in line.strip("\t"):
            joined.append(line)  # a row of a table
            previous = ""
            continue
        line = line.replace("\t", " ").strip(" |")  # bars of a table that a web page lost
        if not line or _RULE_LINE.fullmatch(line):
            previous = ""
            continue
        if previous and joined and _continues(previous, line, width, joined[-1]):
            joined[-1] += " " + line
        else:
            joined.append(line)
        previous = line
    return joined


def _continues(previous: str, line: str, width: int, joined: str) -> bool:
    if re.match(r"[-–/]\s?[A-ZĐ]{2,}[/-]", line) and previous[-1:].isdigit():
        return True  # a number broken before its code: "số 19 | - KL/TW"
    if previous.endswith(_TERMINAL) or (_ITEM.match(line) and not previous.endswith((",", "số"))):
        return False
    if previous.isupper() and not line.isupper() and len(previous) > 8:
        return False  # a title in capitals and what it is about
    first = line[0]
    if first.isdigit() and width and not previous.isupper() and not re.fullmatch(r"[\d\s:/,.|-]+", line):
        return True  # no item begins so, and no sentence either
    if joined.startswith(_BASIS) and not line.startswith(_BASIS) and len(line) > 2:
        return True  # a basis ends with ";" or "."
    if first.islower() or previous.endswith((",", " số", " ngày", " và", " của")) or previous in ("Số:", "Số"):
        return True
    if previous.isupper() and line.isupper():
        # lines of one title in capitals; the two cells of a heading are told apart by the readers
        return width > 0 and len(previous) >= width * 0.7
    title = line.isupper() and sum(char.isalpha() for char in line) > 4  # "III/2029" is none
    return width > 0 and len(previous) >= width * 0.6 and not title


def cut(text: str) -> list[str]:
    """`text` in pieces that no rule has to fear."""
    return [text[at : at + _LONGEST_BLOCK] for at in range(0, len(text), _LONGEST_BLOCK)]


def kind_of(text: str) -> str:
    """The kind of a block, judged by its text: "noise", "heading", "item", "row" or "paragraph"."""
    if text.count("\t") >= 2 and "\t" in text.strip("\t"):
        return "row"
    key = fold(text[:60])
    if len(text) < 200 and any(key.startswith(word) for word in language.folded_set("noise-openers")):
        return "noise"
    letters = [char for char in text if char.isalpha()]
    if len(letters) > 2 and len(text) < 400 and all(char.isupper() for char in letters):
        return "heading"
    if _HEADING.match(text) and len(text) < 200:
        return "heading"
    return "item" if _ITEM.match(text) else "paragraph"


def sentences(text: str) -> list[tuple[int, int]]:
    """Half-open places of the sentences of one block."""
    found: list[tuple[int, int]] = []
    start = 0
    for match in _SENTENCE_END.finditer(text):
        word = re.search(r"(\w{1,4})$", text[max(0, match.start() - 5) : match.start()])
        if (
            match[0][0] == "."
            and word
            and (word[1].lower() in _ABBREVIATIONS or word[1].isdigit() and start == 0 and match.start() < 4)
        ):
            continue
        found.append((start, match.end()))
        start = match.end()
    if start < len(text):
        found.append((start, len(text)))
    return found
