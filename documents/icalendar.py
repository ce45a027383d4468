"""Writing an iCalendar file (RFC 5545): all-day events, escaped text, lines folded at 75 octets."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

LINE = 75  # octets of a content line without its line break (RFC 5545 section 3.1)
PRODUCT = "-//Phoi Hop//Lich//VI"


@dataclass(frozen=True)
class Event:
    """One all-day event. last_on is its last day, counted; uid never changes for the same thing."""

    uid: str
    first_on: datetime.date
    last_on: datetime.date
    title: str
    text: str = ""
    url: str = ""
    category: str = ""
    is_tentative: bool = False


def escape(text: str) -> str:
    """Return a TEXT value: backslash, semicolon and comma escaped, line breaks as \\n, other control codes left out."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in lines if c in "\n\t" or (ord(c) >= 0x20 and ord(c) != 0x7F))
    return kept.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def fold(line: str) -> str:
    """Return a content line broken into pieces of at most 75 octets, never inside a character, each ended by CRLF."""
    pieces: list[str] = []
    piece, size = "", 0
    for character in line:
        width = len(character.encode())
        if size + width > LINE:
            pieces.append(piece)
            piece, size = " ", 1  # the space that marks a continuation counts
        piece += character
        size += width
    return "\r\n".join([*pieces, piece]) + "\r\n"


def render(events: Iterable[Event], *, name: str, stamp: datetime.datetime) -> bytes:
    """Return the calendar in UTF-8; stamp is an aware moment, written in UTC as the DTSTAMP of each event."""
    moment = stamp.astimezone(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    lines += [f"X-WR-CALNAME:{escape(name)}", "X-WR-TIMEZONE:Asia/Ho_Chi_Minh"]
    for event in events:
        lines += _event(event, moment)
    lines.append("END:VCALENDAR")
    return "".join(map(fold, lines)).encode()


def _event(event: Event, moment: str) -> list[str]:
    after = event.last_on + datetime.timedelta(days=1)  # DTEND of an all-day event is the first day it is over
    lines = [
        "BEGIN:VEVENT",
        f"UID:{escape(event.uid)}",
        f"DTSTAMP:{moment}",
        f"DTSTART;VALUE=DATE:{event.first_on:%Y%m%d}",
        f"DTEND;VALUE=DATE:{after:%Y%m%d}",
        f"SUMMARY:{escape(event.title)}",
    ]
    if event.text:
        lines.append(f"DESCRIPTION:{escape(event.text)}")
    if event.url:
        lines.append(f"URL:{event.url}")
    if event.category:
        lines.append(f"CATEGORIES:{escape(event.category)}")
    lines += [f"STATUS:{'TENTATIVE' if event.is_tentative else 'CONFIRMED'}", "TRANSP:TRANSPARENT", "END:VEVENT"]
    return lines
