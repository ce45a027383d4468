"""Rules of Vietnamese text: cleaning, search keys, alphabetical order, dates, numbers, document numbers.

Everything here is a pure function of its arguments. What cannot be understood raises `UnreadableText`
with a code that the caller translates; nothing here holds a sentence for a reader.
"""

import re
import unicodedata
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

__all__ = [
    "UnreadableText",
    "clean",
    "fold",
    "fold_with_map",
    "folded_number",
    "format_date",
    "format_number",
    "is_blank_looking",
    "original_span",
    "parse_date",
    "parse_number",
    "person_sort_key",
    "sort_key",
]


class UnreadableText(ValueError):
    """A typed value that cannot be understood.

    `code` is one of: empty, date_format, date_short_year, date_impossible, number_format, number_ambiguous,
    number_too_long. `params` holds the values a message may need.
    """

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


# --------------------------------------------------------------------------------------------- cleaning

# Drawn as nothing although Unicode calls them letters or symbols: a "name" of these looks empty.
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_LINE_BREAKS = re.compile("\r\n|[\n\r\v\f\x85\u2028\u2029]")
_SPACE_RUN = re.compile(" {2,}")
_BLANK_LINES = re.compile("\n{3,}")


class _Kept(dict[int, str | None]):
    """What each code point becomes in `clean`, for str.translate: worked out when it is met, kept below U+3000."""

    def __missing__(self, code: int) -> str | None:
        char = chr(code)
        category = unicodedata.category(char)
        if char == "\t" or category == "Zs":
            becomes: str | None = " "
        elif char != "\n" and category in ("Cc", "Cf", "Cs"):
            becomes = None
        else:
            becomes = char
        if code < 0x3000:  # what our texts consist of; a hostile one must not fill the memory
            self[code] = becomes
        return becomes


_KEPT = _Kept()


def clean(text: str, *, multiline: bool = True) -> str:
    """`text` as it is stored: NFC, without invisible characters, with plain single spaces.

    Removed: control characters, bidirectional overrides, zero-width and other format characters, lone
    surrogates. Every kind of space becomes U+0020 and runs of them one; lines lose outer spaces, more than one
    blank line becomes one. Line breaks are kept as "\\n" if `multiline`, else they become a space. Idempotent.
    """
    text = _LINE_BREAKS.sub("\n" if multiline else " ", text)
    text = unicodedata.normalize("NFC", text.translate(_KEPT))
    lines = [_SPACE_RUN.sub(" ", line).strip(" ") for line in text.split("\n")]
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n")


def is_blank_looking(text: str) -> bool:
    """True if nothing of `text` would be seen on a screen: spaces, invisible characters, bare marks."""
    return all(
        char in _BLANK_LETTERS or char.isspace() or unicodedata.category(char)[0] in "MZ" for char in clean(text)
    )


# ------------------------------------------------------------------------------------------- search key

# Letters and signs that Unicode does not decompose to what a person would type. U+00D0 (Icelandic) is
# printed for Đ in many official files.
_FOLDS = {
    "đ": "d", "Đ": "d", "ð": "d", "Ð": "d",
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-",
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'",
}  # fmt: skip
# Letters of other scripts that look like Latin ones and occur in published official texts.
_HOMOGLYPHS = str.maketrans("АВЕЅІЈКМНОРСТХУаеорсухіѕјΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABESIJKMHOPCTXYaeopcyxisjABEZHIKMNOPTYX")
_fold_cache: dict[str, str] = {}


def _fold_char(char: str) -> str:
    """The folded form of one code point: 0 or more characters, a space for any white space."""
    known = _fold_cache.get(char)
    if known is None:
        if char.isspace():
            known = " "
        elif char in _FOLDS:
            known = _FOLDS[char]
        else:
            # look-alikes are found among base letters, and small letters among what capitals decompose to
            base = unicodedata.normalize("NFKD", char).translate(_HOMOGLYPHS).lower()
            parts = unicodedata.normalize("NFKD", base).translate(_HOMOGLYPHS)
            known = "".join(_FOLDS.get(c, c) for c in parts if unicodedata.category(c) not in ("Mn", "Me", "Cc", "Cf"))
        if len(_fold_cache) < 20_000:
            _fold_cache[char] = known
    return known


def fold(text: str) -> str:
    """Search key of `text`: lower case, base letters only (đ is d), one kind of dash and quote, single spaces.

    Letters of other scripts that look like Latin ones (Cyrillic "Т", "о") count as those.

    "Đối ngoại", "ĐỐI  NGOẠI" and its decomposed form give "doi ngoai". As tones are gone, their placement
    (hòa, hoà) does not matter; i and y stay different letters.
    """
    return " ".join("".join(map(_fold_char, text)).split())


def fold_with_map(text: str) -> tuple[str, list[tuple[int, int]]]:
    """`fold(text)` and, for each of its characters, the half-open code points of `text` it stands for.

    A letter covers the combining marks behind it, a space the whole run of white space. Turn a span of the key
    into one of `text` with `original_span`.
    """
    folded: list[str] = []
    index_map: list[tuple[int, int]] = []
    for at, char in enumerate(text):
        key = _fold_char(char)
        if not key:
            # a mark belongs to the letter before it; an invisible character in front of everything to none
            if index_map and folded[-1] != " ":
                index_map[-1] = (index_map[-1][0], at + 1)
            continue
        for part in key:
            if part.isspace():
                if not folded:
                    continue
                if folded[-1] == " ":
                    index_map[-1] = (index_map[-1][0], at + 1)
                    continue
                part = " "
            folded.append(part)
            index_map.append((at, at + 1))
    if folded and folded[-1] == " ":
        folded.pop()
        index_map.pop()
    return "".join(folded), index_map


def original_span(index_map: list[tuple[int, int]], start: int, end: int) -> tuple[int, int]:
    """The half-open code points of the original text behind `folded[start:end]`; `end` must be above `start`."""
    if not 0 <= start < end <= len(index_map):
        raise IndexError(f"no folded span {start}:{end}")
    return index_map[start][0], index_map[end - 1][1]


# ------------------------------------------------------------------------------------ alphabetical order

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_SHAPES = {"\u0306": "aă", "\u0302": "aâeêoô", "\u031b": "oơuư"}
# ngang 0, then huyền, hỏi, ngã, sắc, nặng (CLDR vi); any other mark comes after them
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
_LEVEL, _SPACE, _MARK = " ", "!", '"'


def _weights(char: str) -> tuple[str, str, str]:
    """Primary, secondary (tone) and tertiary (case) weight of one code point of NFC text."""
    lower = char.lower()
    case = "0" if lower == char else "1"
    base, *marks = list(unicodedata.normalize("NFD", lower))
    if base == "ð":
        base = "đ"
    tone = "0"
    for mark in marks:
        shapes = _SHAPES.get(mark, "")
        at = shapes.find(base)
        if at >= 0 and at % 2 == 0:
            base = shapes[at + 1]
        else:
            tone = _TONES.get(mark, "6")
    at = _ALPHABET.find(base)
    if at >= 0:
        return chr(ord("A") + at), tone, case
    if base.isdecimal():
        return str(unicodedata.decimal(base)), "0", "0"
    if char.isspace():
        return _SPACE, "0", "0"
    if unicodedata.category(char)[0] in "PS":
        return _MARK, "0", "0"
    return "~" + lower, tone, case


def sort_key(text: str) -> str:
    """Key whose code-point order (PostgreSQL COLLATE "C") is the Vietnamese order of `text`.

    CLDR vi: letters a ă â b c d đ e ê … o ô ơ … u ư … with f j w z in their Latin places; over the whole string
    letters decide first, then tones (ngang huyền hỏi ngã sắc nặng), then small before capital. Spaces before
    punctuation before digits before letters before other scripts. Form: three levels joined by a space.
    """
    levels = [_weights(char) for char in clean(text, multiline=False)]
    primary = "".join(p for p, _, _ in levels)
    # a trailing "0" never decides, because the level separator sorts below it
    secondary = "".join(s for _, s, _ in levels).rstrip("0")
    tertiary = "".join(t for _, _, t in levels).rstrip("0")
    return _LEVEL.join((primary, secondary, tertiary))


_NOTE = re.compile(r"(.*\S) *(\([^()]*\))")  # a name with a note in brackets behind it


def person_sort_key(full_name: str) -> str:
    """Key of a person's name: given name (last word), then middle names, then family name (first word).

    A note in brackets behind the name, "Vũ Bình An (demo)", is no part of it and decides last.
    """
    text = clean(full_name, multiline=False)
    noted = _NOTE.fullmatch(text)
    name, note = noted.groups() if noted else (text, "")
    words = name.split(" ")
    given, middle, family = words[-1], " ".join(words[1:-1]), words[0] if len(words) > 1 else ""
    return _LEVEL.join(sort_key(part) for part in (given, middle, family, *([note] if note else [])))


# ------------------------------------------------------------------------------------------------ dates

_DAY_FIRST = re.compile(r"(\d{1,2})([/.\-])(\d{1,2})\2(\d+)", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)


def parse_date(text: str) -> date:
    """The date typed as 5/3/2026, 05-03-2026, 5.3.2026 (day first) or 2026-03-05.

    Raises UnreadableText: empty, date_format, date_short_year (a year of two digits is never guessed),
    date_impossible (no such day, or year outside 1900–2199).
    """
    text = clean(text, multiline=False).replace(" ", "")
    if not text:
        raise UnreadableText("empty")
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = (int(part) for part in found.groups())
    elif found := _DAY_FIRST.fullmatch(text):
        if len(found[4]) < 4:
            raise UnreadableText("date_short_year", text=text)
        if len(found[4]) > 4:
            raise UnreadableText("date_format", text=text)
        day, month, year = int(found[1]), int(found[3]), int(found[4])
    else:
        raise UnreadableText("date_format", text=text)
    if not 1900 <= year <= 2199:
        raise UnreadableText("date_impossible", text=text)
    try:
        return date(year, month, day)
    except ValueError:
        raise UnreadableText("date_impossible", text=text) from None


def format_date(value: date) -> str:
    """`value` as dd/mm/yyyy, in both languages of the interface."""
    return f"{value.day:02}/{value.month:02}/{value.year:04}"


# ---------------------------------------------------------------------------------------------- numbers

_SCALES = {"nghin": 3, "ngan": 3, "trieu": 6, "tr": 6, "ty": 9, "ti": 9}
_NUMBER = re.compile(r"([+-]?)([\d., ]*\d)(?: ?([a-z]+))?(?: ?(?:dong|d|vnd))?", re.ASCII)
_LONGEST_NUMBER = 40


def parse_number(text: str) -> Decimal:
    """The number typed the Vietnamese way: comma for decimals, dot or space between thousands.

    "1.234,5" is 1234.5; "1,5" and "1.5" are 1.5; "1 234" and "1.234" are 1234: a single dot followed by exactly
    three digits groups thousands, any other single dot is a decimal point ("1234.56", "0.125"). A scale word may
    follow ("3,38 tỷ", "1.167 tỷ đồng", "50 triệu", "20 nghìn"), and "đồng". As "1.234" can surprise, a form shows
    the understood number beside the field.

    Raises UnreadableText: empty, number_format, number_too_long (over 40 characters), number_ambiguous
    ("1234.567" or "1,234,567", which Vietnamese and English readers understand differently).
    """
    text = fold(text).replace("- ", "-")
    if not text:
        raise UnreadableText("empty")
    if len(text) > _LONGEST_NUMBER:
        raise UnreadableText("number_too_long", limit=_LONGEST_NUMBER)
    found = _NUMBER.fullmatch(text)
    if not found:
        raise UnreadableText("number_format", text=text)
    sign, digits, word = found.groups()
    if word in ("d", "dong", "vnd"):
        word = None
    if word is not None and word not in _SCALES:
        raise UnreadableText("number_format", text=text)
    value = Decimal(sign + _plain_digits(digits))
    return value.scaleb(_SCALES[word]) if word else value


def _plain_digits(digits: str) -> str:
    """Digits with separators → digits with at most one decimal point."""
    if re.fullmatch(r"\d+", digits):
        return digits
    if re.fullmatch(r"\d+,\d+", digits):
        return digits.replace(",", ".")
    for separator in (".", " "):
        mark = re.escape(separator)
        if re.fullmatch(rf"[1-9]\d{{0,2}}(?:{mark}\d{{3}})+(?:,\d+)?", digits):
            return digits.replace(separator, "").replace(",", ".")
    if re.fullmatch(r"\d+\.\d+", digits):
        if re.fullmatch(r"[1-9]\d{3,}\.\d{3}", digits):
            raise UnreadableText("number_ambiguous", text=digits)
        return digits
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits):
        raise UnreadableText("number_ambiguous", text=digits)
    raise UnreadableText("number_format", text=digits)


def format_number(value: Decimal | float, decimals: int | None = None) -> str:
    """`value` as 1.234.567,89 in both languages.

    `decimals` fixes the number of decimal places (half rounds away from zero); None keeps what is there, without
    trailing zeros. Raises ValueError for a value that is not finite.
    """
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    if not number.is_finite():
        raise ValueError("not a finite number")
    if decimals is not None:
        number = number.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    whole, _, fraction = f"{abs(number):f}".partition(".")
    if decimals is None:
        fraction = fraction.rstrip("0")
    grouped = f"{int(whole):,}".replace(",", ".")
    sign = "-" if number < 0 else ""
    return f"{sign}{grouped},{fraction}" if fraction else f"{sign}{grouped}"


# ------------------------------------------------------------------------------------- document numbers

_CENTRAL = re.compile(r"T\.?\s?Ư", re.IGNORECASE)


def latin_letters(text: str) -> str:
    """`text` with Cyrillic and Greek look-alikes and U+00D0 replaced by the Latin letter; same length."""
    return text.translate(_HOMOGLYPHS).replace("Ð", "Đ").replace("ð", "đ")


def folded_number(number: str) -> str:
    """Key under which two spellings of a document's number are the same: "05 -CT/TƯ" and "5/CT-TW" → "5-ct-tw".

    Ignored: spaces, kinds of dash, slash against dash, case, marks, look-alike letters of other scripts, leading
    zeros of the number, a leading "số". TƯ is read as TW and UBTU as UBTW (TU alone stays: Tỉnh ủy). "" if
    nothing is left. Source: rules (c) and (d) for document references in the domain notes.
    """
    text = latin_letters(unicodedata.normalize("NFC", number))
    text = _CENTRAL.sub("TW", text)
    text = fold(text).replace("ubtu", "ubtw")
    text = re.sub(r"^so[ :.]*(?=\d)", "", text)
    text = re.sub(r"\s+", "", text)
    text = re.sub(r"[-/]+", "-", text).strip("-.,;:()\"'")
    return re.sub(r"^0+(?=\d)", "", text)
