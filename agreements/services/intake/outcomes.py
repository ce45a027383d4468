"""What came of reading a source, and how it is put on the intake."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agreements.services.intake import drafts, proposing
from documents.types import ReadResult

if TYPE_CHECKING:
    from agreements.models import Intake
    from documents.reading import isolated


@dataclass
class Outcome:
    """What came of reading a source: its state, the reading if there is one, else why not."""

    state: str
    reading: isolated.Reading | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    pages: int = 0


def take_outcome(intake: Intake, outcome: Outcome) -> None:
    """Put what was read on the intake (unsaved): blocks, values and proposals; what an officer typed before stays."""
    intake.reading, intake.reading_detail = outcome.state, outcome.detail
    intake.pages, intake.pages_read, intake.scanned = outcome.pages, 0, []
    reading = outcome.reading
    if reading is None:
        return
    intake.result = reading.result | {"source": reading.source}
    if intake.file or not intake.text or reading.note("converted"):
        intake.text = reading.text
    # the references of the whole text are not needed for drafts, and a long text has very many
    proposed = proposing.propose(ReadResult.from_json(reading.result | {"references": []}), intake.owner)
    if intake.work.get("saved_at"):
        typed = intake.work["programmes"]
        proposed = typed + [draft | {"keep": False} for draft in proposed][: drafts.MOST_PROGRAMMES - len(typed)]
    intake.work["programmes"] = proposed or [drafts.empty_draft()]
