"""The layout of official papers by decree 30/2020/NĐ-CP, appendix I, which Front committees use with the State heading.

Sizes and margins are those of the appendix where it leaves no choice, else the usual ones within its bounds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from documents.writing.paper import Margins, Paper, Paragraph, Rule, Table, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

FONT = "Times New Roman"
MARGINS = Margins(top=20, bottom=20, left=30, right=15)  # allowed: 20 to 25, 20 to 25, 30 to 35, 15 to 20
BODY, TABLE, NUMBER = 14, 12, 13
FIRST_LINE, GAP, SPACING = 10, 6, 1.15  # 10 or 12.7 mm; at least 6 points; single to one and a half
HEAD = (68.0, 97.0)  # the nation's name in 12 points bold needs 88 mm
NATION, MOTTO = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"
MOTTO_LENGTH = 56.0  # of the motto in 13 points bold: its rule is as long
ISSUER_RULE = 27.0  # a third to a half of the line above it
SIGNING_ROOM = 72.0  # points between the title of who signs and the name


def paper(title: str, blocks: Sequence[Paragraph | Rule | Table]) -> Paper:
    """Return the blocks on the page of this layout."""
    return Paper(title, MARGINS, FONT, NUMBER, tuple(blocks))


def heading(issuer: str, number: str, subject: str, place_date: str) -> Table:
    """Return the head of a paper without a title of its own: who writes, its number, what it is about; nation, motto,
    place and day."""
    left = (
        _centred(issuer, 12, is_bold=True),
        Rule(ISSUER_RULE),
        _centred(number, 13, before=GAP),
        _centred(subject, 12),
    )
    right = (
        _centred(NATION, 12, is_bold=True),
        _centred(MOTTO, 13, is_bold=True),
        Rule(MOTTO_LENGTH),
        _centred(place_date, 13, is_italic=True, before=GAP),
    )
    return Table(HEAD, ((left, right),))


def addressee(words: str) -> Paragraph:
    """Return the line that says to whom the paper goes."""
    return _centred(words, BODY, before=18, after=12)


def body(words: str, after: float = 0) -> list[Paragraph]:
    """Return a text as paragraphs of the body, one for each of its lines. after: space below each, before a table."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    return [Paragraph((Text(line, BODY),), "both", FIRST_LINE, GAP, after, SPACING) for line in lines]


def listing(widths: tuple[float, ...], heads: Sequence[str], rows: Sequence[Sequence[str]], centred: set[int]) -> Table:
    """Return a table with lines; its head stands on each page. centred: places of the columns in the middle."""
    head = tuple((_centred(words, TABLE, is_bold=True, before=2, after=2),) for words in heads)
    lines = tuple(
        tuple(
            (Paragraph((Text(words, TABLE),), "center" if at in centred else "left", before=2, after=2),)
            for at, words in enumerate(row)
        )
        for row in rows
    )
    return Table(widths, (head, *lines), heads=1, has_lines=True)


def foot(to_words: str, recipients: Sequence[str], authority: str, title: str) -> Table:
    """Return the end of a paper: who gets it; by which right and in which office it is signed, with room to sign."""
    left = (
        Paragraph((Text(to_words, 12, is_bold=True, is_italic=True),)),
        *(Paragraph((Text(f"- {one}", 11),)) for one in recipients),
    )
    right = (
        _centred(authority, BODY, is_bold=True, keeps_next=True),
        _centred(title, BODY, is_bold=True, after=SIGNING_ROOM),
    )
    return Table(HEAD, ((left, right),))


def _centred(
    words: str, size: float, *, is_bold: bool = False, is_italic: bool = False, before: float = 0, after: float = 0,
    keeps_next: bool = False,
) -> Paragraph:  # fmt: skip
    return Paragraph((Text(words, size, is_bold, is_italic),), "center", before=before, after=after,
                     keeps_next=keeps_next)  # fmt: skip
