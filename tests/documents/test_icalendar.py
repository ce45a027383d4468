"""iCalendar text held against a strict reader of RFC 5545: what was written is what is read."""

from __future__ import annotations

import datetime
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents import icalendar

STAMP = datetime.datetime(2026, 11, 23, 8, 5, tzinfo=datetime.timezone(datetime.timedelta(hours=7)))
DAY = datetime.date(2026, 11, 23)


def unfold(data: bytes) -> list[str]:
    """Return the content lines; fails on bare line breaks, lines over 75 octets and pieces that are not UTF-8."""
    assert data.endswith(b"\r\n")
    physical = data[:-2].split(b"\r\n")
    lines: list[bytes] = []
    for piece in physical:
        assert b"\r" not in piece and b"\n" not in piece
        assert len(piece) <= 75
        piece.decode()  # no character is cut in two
        if piece.startswith(b" "):
            lines[-1] += piece[1:]
        else:
            lines.append(piece)
    return [line.decode() for line in lines]


def unescape(value: str) -> str:
    """Return a TEXT value as it was; fails on an escape that the standard does not know and on a bare separator."""
    assert not re.search(r"(?<!\\)(?:\\\\)*[;,]", value)
    return re.sub(r"\\(.)", lambda m: {"n": "\n", "N": "\n", ";": ";", ",": ",", "\\": "\\"}[m[1]], value)


def parse(data: bytes) -> list[dict[str, str]]:
    """Return the events; fails on anything but one well-formed calendar of events with what each must have."""
    lines = unfold(data)
    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"] and lines[-1] == "END:VCALENDAR"
    assert any(line.startswith("PRODID:") for line in lines)
    events: list[dict[str, str]] = []
    inside = False
    for line in lines[2:-1]:
        name, mark, value = line.partition(":")
        assert mark and re.fullmatch(r"[A-Z-]+(;VALUE=DATE)?", name), line
        if line == "BEGIN:VEVENT":
            assert not inside
            inside, event = True, {}
            events.append(event)
        elif line == "END:VEVENT":
            assert inside and {"UID", "DTSTAMP", "DTSTART;VALUE=DATE", "SUMMARY"} <= set(event)
            inside = False
        elif inside:
            assert name not in event
            event[name] = unescape(value) if name in {"UID", "SUMMARY", "DESCRIPTION", "CATEGORIES"} else value
    assert not inside
    return events


def test_an_event_of_several_days() -> None:
    event = icalendar.Event(
        uid="activity-7@lich.example", first_on=DAY, last_on=DAY + datetime.timedelta(days=2),
        title="Sơ kết; giảm nghèo, giai đoạn 2021–2025", text="Dòng một\nDòng hai", url="http://127.0.0.1/hoat-dong/7/",
        category="Hoạt động dự kiến", is_tentative=True,
    )  # fmt: skip
    (read,) = parse(icalendar.render([event], name="Lịch", stamp=STAMP))
    assert read == {
        "UID": "activity-7@lich.example",
        "DTSTAMP": "20261123T010500Z",
        "DTSTART;VALUE=DATE": "20261123",
        "DTEND;VALUE=DATE": "20261126",
        "SUMMARY": "Sơ kết; giảm nghèo, giai đoạn 2021–2025",
        "DESCRIPTION": "Dòng một\nDòng hai",
        "URL": "http://127.0.0.1/hoat-dong/7/",
        "CATEGORIES": "Hoạt động dự kiến",
        "STATUS": "TENTATIVE",
        "TRANSP": "TRANSPARENT",
    }


@pytest.mark.parametrize("day", [datetime.date(2027, 12, 31), datetime.date(2028, 2, 28), datetime.date(2028, 2, 29)])
def test_the_day_after_at_the_end_of_a_year_and_of_february(day: datetime.date) -> None:
    (read,) = parse(icalendar.render([icalendar.Event("u", day, day, "x")], name="x", stamp=STAMP))
    assert read["DTEND;VALUE=DATE"] == f"{day + datetime.timedelta(days=1):%Y%m%d}"


def test_an_empty_calendar_is_one() -> None:
    assert parse(icalendar.render([], name="Lịch", stamp=STAMP)) == []


# Control codes cannot stand in a TEXT value and lone surrogates in no text at all; all else must come back as it was.
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t;,\\:Ệộữ ặ"), max_size=300)


@given(title=TEXT, text=TEXT)
def test_what_is_written_is_read_back(title: str, text: str) -> None:
    event = icalendar.Event(uid="u", first_on=DAY, last_on=DAY, title=title, text=text)
    (read,) = parse(icalendar.render([event], name=title, stamp=STAMP))
    assert (read["SUMMARY"], read.get("DESCRIPTION", "")) == (title, text)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_no_text_breaks_out_of_its_line(text: str) -> None:
    hostile = f"{text}\r\nEND:VEVENT\rBEGIN:VEVENT\n"
    assert len(parse(icalendar.render([icalendar.Event("u", DAY, DAY, hostile)], name="x", stamp=STAMP))) == 1


@given(TEXT.filter(lambda text: "\n" not in text))
def test_folding_takes_no_more_lines_than_it_must(text: str) -> None:
    pieces = icalendar.fold(text).encode()[:-2].split(b"\r\n")
    assert all(len(piece) > 75 - 4 for piece in pieces[:-1])  # the next character did not fit
