"""The draft of a letter that urges a unit to do what is overdue, in the layout of decree 30/2020/NĐ-CP, appendix I.

The Front uses the State heading. The letter is an official Vietnamese paper whatever the language of the pages, so its
words stand here and in no catalogue.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from documents import vietnamese
from documents.writing import layout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from activities.services.overdue import Late
    from documents.writing.paper import Paper
    from partners.models import Organisation

ANSWER_DAYS = 7
WIDTHS, CENTRED = (11.0, 74.0, 32.0, 24.0, 24.0), {0, 3, 4}  # of the table's columns; which of them are centred
PLACES = (" tỉnh ", " thành phố ", " phường ", " xã ", " đặc khu ")


@dataclass(frozen=True)
class Row:
    """One overdue item as the table of the letter shows it."""

    number: int
    title: str
    programme: str
    due: str  # dd/mm/yyyy
    late: int  # days


@dataclass(frozen=True)
class Letter:
    """The parts of the paper, from the heading to the signature; the number is left blank."""

    issuer: str
    number: str
    subject: str
    nation: str
    motto: str
    place_date: str
    addressee: str
    opening: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    closing: str
    to_words: str
    recipients: tuple[str, ...]
    authority: str
    title: str


def usual_closing(day: datetime.date) -> str:
    """Return the words that end the letter unless an officer writes others."""
    until = vietnamese.format_date(day + datetime.timedelta(days=ANSWER_DAYS))
    return (
        f"Đề nghị Quý cơ quan hoàn thành các nội dung trên và gửi kết quả trước ngày {until}; nội dung nào chưa thể "
        "hoàn thành, đề nghị nêu rõ lý do và thời hạn dự kiến."
    )


def draft(
    *, committee: Organisation, unit: Organisation, overdue: Sequence[Late], closing: str, day: datetime.date
) -> Letter:
    """Return the letter of a committee to a unit about what is overdue on a day."""
    rows = tuple(
        Row(number, _title(one, unit), one.programme, vietnamese.format_date(one.due_on), one.late)
        for number, one in enumerate(overdue, start=1)
    )
    text = closing.strip()
    return Letter(
        issuer=committee.name.upper(),
        number="Số:              /MTTQ-BTT",
        subject="V/v đôn đốc thực hiện nội dung phối hợp đã quá thời hạn",
        nation=layout.NATION,
        motto=layout.MOTTO,
        place_date=f"{place_of(committee.name)}, ngày      tháng {day.month:02} năm {day.year}"
        if day.month < 3
        else f"{place_of(committee.name)}, ngày      tháng {day.month} năm {day.year}",
        addressee=f"Kính gửi: {unit.name}",
        opening=(
            f"Qua theo dõi việc thực hiện các chương trình phối hợp, tính đến ngày {vietnamese.format_date(day)}, "
            f"{unit.name} còn {len(rows)} nội dung quá thời hạn, cụ thể như sau:"
        ),
        columns=("TT", "Nội dung", "Chương trình", "Thời hạn", "Số ngày quá hạn"),
        rows=rows,
        closing=text if text.endswith("./.") else f"{text.rstrip('.')}./.",
        to_words="Nơi nhận:",
        recipients=("Như trên;", "Lưu: VT."),
        authority="TM. BAN THƯỜNG TRỰC",
        title="CHỦ TỊCH",
    )


def paper_of(letter: Letter) -> Paper:
    """Return the letter as a paper in the layout of the State."""
    rows = [(str(row.number), row.title, row.programme, row.due, str(row.late)) for row in letter.rows]
    return layout.paper(
        letter.subject,
        [
            layout.heading(letter.issuer, letter.number, letter.subject, letter.place_date),
            layout.addressee(letter.addressee),
            *layout.body(letter.opening, after=layout.GAP),
            layout.listing(WIDTHS, letter.columns, rows, CENTRED),
            *layout.body(letter.closing),
            layout.foot(letter.to_words, letter.recipients, letter.authority, letter.title),
        ],
    )


def _title(one: Late, unit: Organisation) -> str:
    """Name what is owed, with the body it was taken over from where that one is gone."""
    return one.title if one.unit_id == unit.pk else f"{one.title} (tiếp nhận từ {one.unit})"


def place_of(name: str) -> str:
    """Return the place of the letterhead: "… tỉnh Thái Nguyên" → "Thái Nguyên"; "……" where the name tells none."""
    for mark in PLACES:
        if mark in name:
            return name.rsplit(mark, 1)[1]
    return "……"
