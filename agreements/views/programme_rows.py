"""The rows of the list of programmes: asked for in one query, and each drawn once per its values."""

from __future__ import annotations

import datetime
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.safestring import SafeString

from agreements.models import LegalBasis, Party, Programme, ProgrammeFigure
from agreements.views.coming import First, first_of, open_in
from agreements.views.standing import standing_of
from core.drawn import drawn
from core.http import address_of
from core.prepared import among, rows_together

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

LONGEST = 120  # characters of the partners in a row
COLUMNS = (
    *("pk", "code", "title", "short_title", "status", "starts_on", "ends_on", "owner"),
    *("figure__progress", "figure__elapsed", "figure__standing", "figure__computed_at"),
)


class Line(NamedTuple):
    """A programme as the list reads it (COLUMNS); computed_at is None where it has no figures yet."""

    pk: int
    code: str
    title: str
    short_title: str
    status: str
    starts_on: datetime.date | None
    ends_on: datetime.date | None
    owner: int
    progress: Decimal | None
    elapsed: Decimal | None
    standing: str | None
    computed_at: datetime.datetime | None


def drawn_rows(lines: Sequence[Line], day: datetime.date) -> SafeString:
    """Return the rows of the table, each with a bar of the shares as 0–100; one query."""
    url = address_of("agreements:programme_detail")
    found = rows_together(
        "beside rows of programmes",
        lambda: open_in() | {"parties": _parties(), "weak": _weak()},
        live=[line.pk for line in lines if line.status in Programme.LIVE],
        programmes=[line.pk for line in lines],
    )
    coming = first_of(lines, found)
    owners = {line.pk: line.owner for line in lines}
    partners: dict[int, list[str]] = defaultdict(list)
    for pk, body, name in found["parties"]:
        if body != owners[pk]:
            partners[pk].append(name)
    unseen: dict[int, bool] = {}  # of programmes with a weak basis: whether one of these waits for a look
    for pk, effect, kept in found["weak"]:
        unseen[pk] = unseen.get(pk, False) or kept != effect
    return SafeString(
        "\n".join(
            [
                drawn(
                    "agreements/_programme_row.html",
                    shown,
                    url=url(line.pk),
                    line=line._replace(computed_at=None),  # the row does not say of when its figures are
                    has_figure=line.computed_at is not None,
                    partners=_shortened("; ".join(partners[line.pk])),
                    coming=coming.get(line.pk),
                    weak=line.status in Programme.LIVE and line.pk in unseen,
                    unseen=unseen.get(line.pk, False),
                    day=day,
                )
                for line in lines
            ]
        )
    )


def shown(
    *, url: str, line: Line, has_figure: bool, partners: str, coming: First | None, weak: bool, unseen: bool,
    day: datetime.date,
) -> dict[str, Any]:  # fmt: skip
    """Return what the template of a row shows; it depends on nothing but these values and the language."""
    programme = Programme(
        **{name: getattr(line, name) for name in ("code", "title", "short_title", "status", "starts_on", "ends_on")}
    )
    figure = None
    if has_figure:
        figure = ProgrammeFigure(progress=line.progress, elapsed=line.elapsed, standing=line.standing or "")
    elapsed = line.elapsed if has_figure else programme.elapsed(day)
    return {
        "programme": programme,
        "url": url,
        "partners": partners,
        "progress": line.progress,
        "elapsed": elapsed,
        "done_100": None if line.progress is None else line.progress * 100,
        "elapsed_100": None if elapsed is None else elapsed * 100,
        "standing": standing_of(programme, figure),
        "coming": coming.words(day) if coming else None,
        "weak": weak,
        "unseen": unseen,
    }


def _parties() -> QuerySet[Any, Any]:
    rows = Party.objects.filter(among("programme", "programmes"))
    return rows.values_list("programme_id", "organisation_id", "name_as_signed")


def _weak() -> QuerySet[Any, Any]:
    rows = LegalBasis.objects.weak().filter(among("programme", "programmes")).order_by()
    return rows.values_list("programme_id", "document__effect", "kept_effect")


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
