"""The figures once more, slowly: plain Python over every row, sharing no line with the product.

It reads whole tables with SELECT *, keeps numbers as Fractions and follows the words of design.md section 3 and of the
page /cach-tinh/. A difference to the product is a fault of one of the two.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = datetime.timedelta(days=1)
LEFT_OUT = ("paused", "carried", "cancelled")
Row = dict[str, Any]


def rows(table: str) -> list[Row]:
    """Return a whole table."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY id")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def by(found: list[Row], key: str) -> dict[Any, list[Row]]:
    """Return the rows grouped by a column."""
    groups = defaultdict(list)
    for row in found:
        groups[row[key]].append(row)
    return groups


def local_day(moment: datetime.datetime) -> datetime.date:
    """Return the day in Vietnam."""
    return moment.astimezone(VIETNAM).date()


class Oracle:
    """All rows, read once; `programme` computes one programme on one day."""

    def __init__(self) -> None:
        self.programmes = {row["id"]: row for row in rows("agreements_programme")}
        self.tasks = by(rows("agreements_task"), "programme_id")
        self.indicators = by(rows("agreements_indicator"), "task_id")
        self.targets = by(rows("agreements_target"), "indicator_id")
        self.deadlines = by(rows("agreements_taskdeadline"), "task_id")
        accepted = [row for row in rows("activities_activity") if row["review"] == "accepted"]
        self.activities = by(accepted, "task_id")
        values = [row for row in rows("activities_measurement") if row["review"] == "accepted"]
        self.values = by(values, "indicator_id")
        self.duties = by(rows("activities_reportduty"), "programme_id")
        self.reports = {row["duty_id"]: row for row in rows("activities_progressreport")}
        self.lines = by(rows("activities_taskreport"), "report_id")
        self.milestones = by(rows("agreements_milestone"), "programme_id")
        self.bases = by(rows("agreements_legalbasis"), "programme_id")
        self.documents = {row["id"]: row for row in rows("agreements_legaldocument")}
        self.parties = by(rows("agreements_party"), "programme_id")
        self.bodies = {row["id"]: row for row in rows("partners_organisation")}
        self.events = {row["id"]: row for row in rows("partners_organisationevent")}
        self.successions = by(rows("partners_succession"), "predecessor_id")

    def programme(self, pk: int, day: datetime.date) -> Row:
        """Return every figure of a programme on a day."""
        programme = self.programmes[pk]
        tasks = {row["id"]: self.task(programme, row, day) for row in self.tasks[pk]}
        live = [(row, tasks[row["id"]]) for row in self.tasks[pk] if row["state"] not in LEFT_OUT]
        weights = reached = expected = Fraction(0)
        known = False
        for row, figure in live:
            if not figure["is_measured"]:
                continue
            weight = Fraction(row["weight"])
            weights += weight
            known = known or figure["p"] is not None
            reached += weight * capped(figure["p"] or Fraction(0))
            expected += weight * capped(figure["e"] or Fraction(0))
        p = reached / weights if weights and known else None
        e = expected / weights if weights else None
        counts = [sum(figure["deadlines"][n] for _row, figure in live) for n in range(4)]
        done, on_time, overdue = counts[0] + counts[1], counts[0], counts[3]
        with_data = sum(figure["has_data"] for _row, figure in live)
        elapsed = None
        if programme["starts_on"] and programme["ends_on"]:
            elapsed = gone(programme["starts_on"], programme["ends_on"] + DAY, day)
        days = [figure["last"] for figure in tasks.values() if figure["last"]]
        found = {
            "p": p, "e": e, "s": ratio(p, e), "standing": standing(p, e), "elapsed": elapsed,
            "coverage": (with_data, len(live)), "deadlines": tuple(counts),
            "completion_rate": Fraction(done, done + overdue) if done + overdue else None,
            "on_time_rate": Fraction(on_time, done + overdue) if done + overdue else None,
            "activities": sum(figure["activities"] for figure in tasks.values()),
            "last": max(days, default=None), "tasks": tasks,
        }  # fmt: skip
        for name in ("households", "persons", "turns", "value"):
            parts = [figure[name] for figure in tasks.values() if figure[name] is not None]
            found[name] = sum(parts) if parts else None
        found["flags"] = self.flags(programme, found, live, day)
        return found

    def task(self, programme: Row, task: Row, day: datetime.date) -> Row:
        """Return the figures of a task on a day."""
        done = [row for row in self.activities[task["id"]] if row["starts_on"] and row["starts_on"] <= day]
        indicators = {row["id"]: self.indicator(row, day) for row in self.indicators[task["id"]]}
        steps = [row for row in self.deadlines[task["id"]] if row["state"] != "cancelled"]
        finished = [row for row in steps if row["state"] == "done" and row["done_on"] <= day]
        measured = [row for row in indicators.values() if row["e"] is not None]
        declared = self.declared(task, day)
        p = e = None
        is_measured = True
        is_declared = False
        if measured:
            if all(row["actual"] is None for row in measured):
                e = mean([row["e"] for row in measured])
            else:
                # nothing of an amount is 0 of its target; a level without a reading is unknown and left out
                known = [
                    (Fraction(0) if row["p"] is None else row["p"], row["e"])
                    for row in measured
                    if row["p"] is not None or row["adds"]
                ]
                p, e = mean([a for a, _b in known]), mean([b for _a, b in known])
        elif steps:
            e = Fraction(sum(row["due_on"] < day for row in steps), len(steps))
            if finished or done:
                p = Fraction(len(finished), len(steps))
        elif declared is not None:
            p, is_declared = declared, True
        else:
            is_measured = False
        start = task["starts_on"] or programme["starts_on"]
        if e is None and start and programme["ends_on"]:
            e = gone(start, programme["ends_on"] + DAY, day)
        late = [row for row in finished if row["done_on"] > row["due_on"]]
        open_then = [row for row in steps if row not in finished]
        overdue = [row for row in open_then if row["due_on"] < day]
        found = {
            "p": p, "e": e, "s": ratio(p, e), "standing": standing(p, e), "indicators": indicators,
            "is_measured": is_measured, "is_declared": is_declared,
            "has_data": bool(done) or p is not None or any(row["actual"] is not None for row in indicators.values()),
            "deadlines": (len(finished) - len(late), len(late), len(open_then) - len(overdue), len(overdue)),
            "overdue": overdue, "activities": len(done), "last": max((row["starts_on"] for row in done), default=None),
        }  # fmt: skip
        for name in ("households", "persons", "turns", "value"):
            parts = [row[name] for row in done if row[name] is not None]
            found[name] = sum(parts) if parts else None
        return found

    def indicator(self, indicator: Row, day: datetime.date) -> Row:
        """Return what was reached, what was aimed at, p and e of an indicator."""
        values = [row for row in self.values[indicator["id"]] if row["as_of"] <= day]
        targets = sorted(self.targets[indicator["id"]], key=lambda row: row["ends_on"])
        amount = indicator["kind"] in ("flow", "milestone")
        adds = amount and indicator["roll_up"] == "sum"
        actual = rolled_up(indicator, values, is_amount=amount) if values else None
        found = {"actual": actual, "target": None, "p": None, "e": None, "adds": adds}
        if not targets:
            return found
        falling = indicator["direction"] == "down"
        wanted = [Fraction(row["value"]) for row in targets]
        target = sum(wanted) if adds else wanted[-1]
        found["target"] = target
        if adds:
            if target <= 0 or falling:
                return found
            start = Fraction(0)
        elif indicator["baseline"] is None:
            if falling:
                return found
            start = Fraction(0)
        else:
            start = Fraction(indicator["baseline"])
        if start == target:  # a level to be kept
            found["e"] = Fraction(day >= targets[0]["starts_on"])
            if actual is not None:
                found["p"] = Fraction(actual <= target if falling else actual >= target)
            return found
        due, level = Fraction(0), start
        for row, value in zip(targets, wanted, strict=True):
            due += (value if adds else value - level) * gone(row["starts_on"], row["ends_on"], day)
            level = value
        found["e"] = capped(due / (target - start))
        if actual is not None:
            found["p"] = (actual - start) / (target - start)
        return found

    def declared(self, task: Row, day: datetime.date) -> Fraction | None:
        """Return the share the unit had declared in reports sent by the day and accepted now; the latest window."""
        found = []
        for duties in self.duties.values():
            for duty in duties:
                report = self.reports.get(duty["id"])
                if not report or report["review"] != "accepted" or local_day(report["submitted_at"]) > day:
                    continue
                for line in self.lines[report["id"]]:
                    if line["task_id"] == task["id"] and line["declared_share"] is not None:
                        share = Fraction(line["declared_share"]) / 100
                        found.append((duty["ends_on"], report["cut_off"], line["id"], share))
        return max(found)[3] if found else None

    def flags(self, programme: Row, found: Row, live: list[tuple[Row, Row]], day: datetime.date) -> dict[str, Any]:
        """Return cause → (days, the rows behind it as sorted names)."""
        if programme["status"] not in ("in_force", "ended"):
            return {}
        flags: dict[str, Any] = {}
        with_data, tasks = found["coverage"]
        if found["standing"] == "behind" and tasks and Fraction(with_data, tasks) >= Fraction(1, 2):
            low = [
                row["title"]
                for row, figure in live
                if figure["is_measured"]
                and capped(figure["p"] or Fraction(0)) < Fraction(85, 100) * capped(figure["e"] or Fraction(0))
            ]
            flags["slow"] = (None, sorted(low))
        over = [row for _task, figure in live for row in figure["overdue"]]
        if over:
            flags["overdue"] = (max((day - row["due_on"]).days for row in over), len(over))
        late = [
            row for row in self.duties[programme["id"]] if self.is_owed(row, day) and (day - row["due_on"]).days >= 15
        ]
        if late:
            flags["late_report"] = (max((day - row["due_on"]).days for row in late), len(late))
        started = programme["starts_on"] and day >= programme["starts_on"]
        left = (programme["ends_on"] - day).days if programme["ends_on"] else None
        if started and (left is None or left >= 0):
            silent = (day - (found["last"] or programme["starts_on"])).days
            if silent >= 90:
                flags["silent"] = (silent, 0)
        if left is not None and 0 <= left <= 90 and found["p"] is not None and found["p"] < Fraction(8, 10):
            flags["near_end"] = (left, 0)
        weak = 0
        for basis in self.bases[programme["id"]]:
            document = self.documents[basis["document_id"]]
            ended = document["effect_to"]
            weak += ended < day if ended else document["effect"] in ("expired", "replaced")
        if weak:
            flags["weak_basis"] = (None, weak)
        gone_bodies = sum(self.is_gone(row["organisation_id"], programme, day) for row in self.parties[programme["id"]])
        if gone_bodies:
            flags["no_successor"] = (None, gone_bodies)
        if left is not None and left < 0:
            held = [
                row
                for row in self.milestones[programme["id"]]
                if row["kind"] == "final_review" and row["done_on"] and row["done_on"] <= day
            ]
            if not held:
                flags["unreviewed"] = (-left, 0)
        return flags

    def is_owed(self, duty: Row, day: datetime.date) -> bool:
        """Whether nobody had sent a report that counts now, and nobody let the unit off."""
        report = self.reports.get(duty["id"])
        sent = report and report["review"] in ("submitted", "accepted") and local_day(report["submitted_at"]) <= day
        return duty["waived_at"] is None and not sent

    def is_gone(self, body: int, programme: Row, day: datetime.date) -> bool:
        """Whether a body was dissolved and nobody had taken over its work for the programme's field.

        Who named the field took over; else who took over everything; else the only one who took over anything.
        """
        row = self.bodies[body]
        if row["status"] != "dissolved" or row["ended_on"] > day:
            return False
        ends = [
            one for one in self.successions[body]
            if self.events[one["event_id"]]["kind"] in ("dissolve", "merge", "split")
        ]  # fmt: skip
        field = programme["field_of_work_id"]
        own = [
            one
            for one in self.successions[body]
            if field
            and one["field_of_work_id"] == field
            and self.events[one["event_id"]]["kind"] in ("dissolve", "merge", "split", "transfer")
        ]
        heirs = own or [one for one in ends if one["field_of_work_id"] is None]
        if not heirs and len({one["successor_id"] for one in ends}) == 1:
            heirs = ends
        return not any(self.events[one["event_id"]]["effective_on"] <= day for one in heirs)


def rolled_up(indicator: Row, values: list[Row], *, is_amount: bool) -> Fraction:
    """Return what several accepted values make together."""
    numbers = [Fraction(row["value"]) for row in values]
    lasts: dict[tuple[Any, Any], tuple[datetime.date, Fraction]] = {}
    for row in values:
        key, one = (row["unit_id"], row["locality_id"]), (row["as_of"], Fraction(row["value"]))
        lasts[key] = max(lasts.get(key, one), one)
    last = [value for _day, value in lasts.values()]
    how = indicator["roll_up"]
    if how == "max":
        return max(numbers)
    if how == "average":
        return mean(numbers if is_amount else last)
    if how == "sum" and is_amount:
        return sum(numbers, Fraction(0))
    if how == "sum" and indicator["kind"] == "stock":
        return sum(last, Fraction(0))
    return max(lasts.values())[1]


def mean(values: list[Fraction]) -> Fraction:
    """Return the plain mean."""
    return sum(values, Fraction(0)) / len(values)


def capped(share: Fraction) -> Fraction:
    """Return the share, at least 0 and at most 1."""
    return max(Fraction(0), min(Fraction(1), share))


def gone(first: datetime.date, behind: datetime.date, day: datetime.date) -> Fraction:
    """Return the share of the days from the first to the one before `behind` that are over at the end of the day."""
    return capped(Fraction((day - first).days + 1, (behind - first).days))


def ratio(p: Fraction | None, e: Fraction | None) -> Fraction | None:
    """Return s = p ÷ e, None where it cannot be judged."""
    return None if p is None or e is None or e < Fraction(5, 100) else p / e


def standing(p: Fraction | None, e: Fraction | None) -> str:
    """Return the word for s."""
    if p is None or e is None:
        return "no_data"
    s = ratio(p, e)
    if s is None:
        return "too_early"
    if s < Fraction(85, 100):
        return "behind"
    return "ahead" if s > Fraction(115, 100) else "on_track"
