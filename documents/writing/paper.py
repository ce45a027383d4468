"""A paper as plain data: paragraphs, rules and tables on A4. Lengths are millimetres, sizes points.

How an official paper looks stands in `layout.py`, how it becomes a file in `docx.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

WIDTH, HEIGHT = 210, 297  # A4


@dataclass(frozen=True)
class Text:
    """A run of words in one style; a line break in it is one."""

    words: str
    size: float
    is_bold: bool = False
    is_italic: bool = False


@dataclass(frozen=True)
class Paragraph:
    """Texts in one block. align: "left", "center" or "both" (justified); before, after: space in points.

    spacing: height of a line, 1 = single. keeps_next: stays on the page of what follows.
    """

    texts: tuple[Text, ...]
    align: str = "left"
    first_line: float = 0
    before: float = 0
    after: float = 0
    spacing: float = 1
    keeps_next: bool = False


@dataclass(frozen=True)
class Rule:
    """A thin line of this length in the middle of its column."""

    length: float


Cell = tuple["Paragraph | Rule", ...]


@dataclass(frozen=True)
class Table:
    """Rows of cells. heads: how many rows stand again on each page; has_lines: whether lines are drawn.

    A table without lines only puts things beside each other.
    """

    widths: tuple[float, ...]
    rows: tuple[tuple[Cell, ...], ...]
    heads: int = 0
    has_lines: bool = False


@dataclass(frozen=True)
class Margins:
    """White space around the text."""

    top: float
    bottom: float
    left: float
    right: float


@dataclass(frozen=True)
class Paper:
    """The whole. title: what programs call the file; number_size: of the page number, in the middle of the top margin
    from the second page on."""

    title: str
    margins: Margins
    font: str
    number_size: float
    blocks: tuple[Paragraph | Rule | Table, ...]

    @property
    def text_width(self) -> float:
        """How wide the text is."""
        return WIDTH - self.margins.left - self.margins.right
