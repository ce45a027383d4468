"""What taking the text out of a file gives, and how it fails."""

from dataclasses import dataclass, field
from typing import Any

from documents.types import Block


@dataclass(frozen=True, slots=True)
class Note:
    """Something the officer should know about a source.

    Codes: legacy_tcvn3, legacy_vni (before, after: lists of lines; nothing is converted yet), converted (encoding),
    tracked_changes (inserted, deleted: numbers of pieces), look_alike_letters (count, sample), pages_without_text
    (pages: list of numbers), ocr (confidence in percent).
    """

    code: str
    params: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain data for storage."""
        return {"code": self.code, "params": self.params}


@dataclass(frozen=True, slots=True)
class Source:
    """The blocks of one file or text in reading order; `kind` is "docx", "pdf", "text" or "scan"; `pages` ≥ 1."""

    blocks: tuple[Block, ...]
    kind: str
    pages: int = 1
    notes: tuple[Note, ...] = ()

    @property
    def text(self) -> str:
        """All blocks, one a line."""
        return "\n".join(block.text for block in self.blocks)


class ReadFailure(Exception):
    """A source whose text cannot be had.

    `code`: empty, too_large (limit in bytes), unknown_kind (actual), renamed, encrypted, damaged, macros, doctype,
    bomb, too_many_pages (limit), too_many_pixels, no_text (pages), timeout, memory. `params` holds what stands in
    brackets.
    """

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params
