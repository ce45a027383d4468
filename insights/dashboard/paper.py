"""The first screen as a sheet of paper (documents.writing.board) and as a table: the same rows in the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements import figures
from core.templatetags.format import day as day_words
from core.templatetags.format import day_short, days_text, moment, percent
from core.templatetags.format import number as number_words
from documents.writing.board import MOST_PROGRAMMES, MOST_UNITS, Bar, Board, Figure, Matter
from insights import due
from insights.dashboard import overview, units
from insights.dashboard.frame import Table

if TYPE_CHECKING:
    import datetime
    from decimal import Decimal

    from insights.dashboard.frame import Frame

STANDINGS = {
    figures.ON_TRACK: lambda: _("On track"),
    figures.AHEAD: lambda: _("Ahead"),
    figures.TOO_EARLY: lambda: _("Too early to say"),
    figures.NO_DATA: lambda: _("No figures yet"),
}


def sheet_of(
    found: overview.Dashboard, frame: Frame, site: dict[str, Any], now: datetime.datetime, language: str
) -> Board:
    """Return the sheet of the first screen under its conditions, with a place for date and signatures."""
    todo = found.todo
    titles = ngettext("%(n)s matter for decision", "%(n)s matters for decision", len(todo)) % {"n": len(todo)}
    return Board(
        language=language,
        committee=str(site["committee"]),
        place=str(site.get("place") or ""),
        title=_("How the coordination programmes stand"),
        conditions=_conditions(found, frame),
        freshness=frame.freshness,
        printed=_("Printed at %(printed_at)s") % {"printed_at": moment(now)},
        figures=_figures(found),
        heads=(_programmes(found), _("reached"), _("time gone"), _("gap"), titles, _units(found)),
        programmes=tuple(map(_bar, found.rows)),
        no_programme=_("No programme is in force yet"),
        matters=tuple(Matter(item.title, item.unit, *_cause(item)) for item in todo),
        no_matter=_("Nothing is overdue and no programme has fallen silent."),
        unit_heads=(
            _("Unit"),
            *(str(due.LABELS[state]) for state in units.FOUR),
            _("Total"),
            _("Completed, %"),
            _("On time, %"),
        ),
        unit_rows=tuple(_cells(row) for row in found.units.rows[:MOST_UNITS]),
        unit_total=_cells(found.units.total) if found.units.rows else (),
        date_line=_("Day …… month …… year %(year)s") % {"year": frame.day.year},
        signs=(_("Prepared by"), _("Seen by the leader")),
    )


def _programmes(found: overview.Dashboard) -> str:
    """Return the heading of the programmes, which says where some are left out."""
    shown = min(len(found.rows), MOST_PROGRAMMES)
    if shown >= found.in_force:
        return _("Programmes, slowest first")
    return _("%(n)s of %(all)s programmes, slowest first") % {"n": shown, "all": number_words(found.in_force)}


def _units(found: overview.Dashboard) -> str:
    shown = min(len(found.units.rows), MOST_UNITS)
    if shown >= found.units.count:
        return _("Due work by unit")
    return _("Due work by unit: %(n)s of %(all)s, most overdue first") % {
        "n": shown,
        "all": number_words(found.units.count),
    }


def _cells(row: units.UnitRow) -> tuple[str, ...]:
    """Return a line of the units as printed: the four numbers, all together, both rates."""
    rates = row.four_way
    return (
        str(row.unit or _("Total")),
        *(number_words(row.counts[state] or None) for state in units.FOUR),
        number_words(row.total),
        percent(rates.completion_rate),
        percent(rates.on_time_rate),
    )


def table_of(found: overview.Dashboard) -> Table:
    """Return how the programmes in force stand, slowest first; shares in per cent. Where there are more than a file
    holds, the last line says so."""
    heads = (_("Programme"), _("Code"), _("Partner"), _("From"), _("To"), _("Reached, %"), _("Time gone, %"),
             _("Standing"), _("Tasks with data"), _("Tasks"), _("Risks"))  # fmt: skip
    rows: list[tuple[object, ...]] = []
    for row in found.rows:
        programme, (with_data, _slash, live) = row.programme, row.coverage.partition("/")
        rows.append(
            (programme.name, programme.code, row.partner, programme.starts_on, programme.ends_on, _tenths(row.done),
             _tenths(row.elapsed), row.tag["label"], int(with_data or 0), int(live or 0), row.risks)
        )  # fmt: skip
    if len(rows) < found.in_force:
        parts = {"n": len(rows), "all": found.in_force}
        rows.append((_("The first %(n)s of %(all)s programmes") % parts, *[""] * (len(heads) - 1)))
    return Table("toan-canh", heads, rows)


def _tenths(per_cent: Decimal | None) -> Decimal | None:
    return None if per_cent is None else round(per_cent, 1)


def _conditions(found: overview.Dashboard, frame: Frame) -> str:
    """Return what the sheet is narrowed to, what a period picks and what it does not, and what is left out."""
    said = []
    if frame.chips:
        said.append(_("Filtered by %(conditions)s") % {"conditions": frame.conditions})
    if frame.scope.period:
        picks = _(
            "The period picks programmes that run in it and work due in it; how they stand is as of today, over the"
            " whole time of each."
        )
        said.append(picks.rstrip("."))
    if n := found.suspended:
        left_out = ngettext(
            "%(shown)s suspended programme, not counted here", "%(shown)s suspended programmes, not counted here", n
        )
        said.append(left_out % {"shown": number_words(n)})
    return ". ".join(said)


def _figures(found: overview.Dashboard) -> tuple[Figure, ...]:
    review, change = found.awaiting_review, found.behind_change
    waits = ngettext(
        "%(counter)s programme awaiting final review", "%(counter)s programmes awaiting final review", review
    )
    date = day_short(found.compared_on)
    behind = ""
    if change is not None and change > 0:
        behind = _("%(counter)s more than on %(date)s") % {"counter": change, "date": date}
    elif change is not None:
        behind = _("%(before)s on %(date)s") % {"before": found.behind_before, "date": date}
    unmeasured = _("%(counter)s without figures yet") % {"counter": found.unmeasured} if found.unmeasured else ""
    return (
        Figure(number_words(found.in_force), _("In force"), waits % {"counter": review} if review else ""),
        Figure(number_words(found.on_track), _("On track"), unmeasured),
        Figure(number_words(found.behind), _("Behind"), behind),
        Figure(number_words(found.overdue), _("Overdue"), found.overdue_note or _("nothing is late")),
    )


def _bar(row: overview.Row) -> Bar:
    gone = (
        "" if row.elapsed is None else _("%(elapsed)s %% of the time gone") % {"elapsed": number_words(row.elapsed, 0)}
    )
    reached = _("no figures") if row.done is None else f"{number_words(row.done, 0)} %"
    coverage = _("%(coverage)s with data") % {"coverage": row.coverage} if row.coverage else ""
    if row.is_behind and row.points and row.points > 0:
        standing = ngettext("%(counter)s point behind", "%(counter)s points behind", row.points) % {
            "counter": row.points
        }
    else:
        standing = _("Behind") if row.is_behind else STANDINGS[row.standing]()
    return Bar(
        name=row.programme.name,
        below=" · ".join(part for part in (row.partner, str(row.programme.period)) if part),
        done=None if row.done is None else float(row.done) / 100,
        elapsed=None if row.elapsed is None else float(row.elapsed) / 100,
        is_behind=row.is_behind,
        numbers=" – ".join(part for part in (reached, gone) if part) + (f" · {coverage}" if coverage else ""),
        standing=standing,
    )


def _cause(item: overview.Todo) -> tuple[str, str]:
    """Return why it needs a decision, and the day or silence behind it."""
    match item.cause:
        case "silent":
            tag = overview.standing_tag(figures.BEHIND, item.points)
            return str(tag["label"]), _("no activity for %(days)s") % {"days": days_text(item.days)}
        case "unreviewed":
            return _("No final review"), _("ended %(date)s") % {"date": day_words(item.due_on)}
    late = _("Overdue %(days)s") % {"days": days_text(item.days)}
    return late, _("due %(date)s") % {"date": day_words(item.due_on)}
