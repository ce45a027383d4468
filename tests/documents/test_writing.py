"""The sheet as PDF: one page whatever the texts, texts that are never markup, grey that can be told apart, an end."""

from __future__ import annotations

import importlib.util
import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest

from documents.writing import child, pdf
from documents.writing.board import LONGEST, Bar, Board, Figure, Matter, cut

ROOT = Path(__file__).resolve().parents[2]
BAR = Bar("Vì trẻ em", "Sở Y tế · 2023–2027", 0.2, 0.7, True, "20 % – thời gian đã qua 70 %", "Chậm 50 điểm")
BOARD = Board(
    language="vi",
    committee="Ủy ban MTTQ Việt Nam tỉnh",
    place="tỉnh Hưng Ninh",
    title="Tình hình thực hiện",
    conditions="Đang lọc: năm 2026",
    freshness="Số liệu đến 08:00 ngày 23/11/2026.",
    printed="In lúc 08:00",
    figures=(Figure("11", "Đang hiệu lực", "ưỡn khuỷu Ẵ Ễ Ộ Ợ ₫"), Figure("9", "Quá hạn")),
    heads=("Chương trình", "đã đạt", "thời gian", "thiếu", "5 việc", "Theo đơn vị"),
    programmes=(BAR,),
    no_programme="Chưa có chương trình",
    matters=(Matter("Kiểm tra", "Sở Y tế", "Quá hạn 3 ngày", "hạn 20/11/2026"),),
    no_matter="Không có việc",
    unit_heads=("Đơn vị", "Quá hạn", "Cộng"),
    unit_rows=(("Sở Y tế", "1", "2"),),
    unit_total=("Cộng", "1", "2"),
    date_line="Ngày …… tháng …… năm 2026",
    signs=("Người lập", "Lãnh đạo"),
)


def read(board):
    document = pypdfium2.PdfDocument(pdf.board_pdf(board))
    assert len(document) == 1
    assert [round(side) for side in document[0].get_size()] == [595, 842]
    return document[0], document[0].get_textpage().get_text_range().replace("\r\n", " ")


def test_all_of_it_is_there_with_every_letter():
    _page, text = read(BOARD)
    for words in (
        "TỈNH",
        "Tình hình thực hiện",
        "năm 2026",
        "ưỡn khuỷu Ẵ Ễ Ộ Ợ ₫",
        "Chậm 50 điểm",
        "hạn 20/11/2026",
        "Sở Y tế",
        "Cộng",
        "Lãnh đạo",
    ):
        assert words in text, words


def test_the_longest_texts_stay_on_one_page():
    long = "Nghiêng ngưỡng khuỷu " * 30
    full = replace(
        BOARD,
        conditions=long,
        programmes=(replace(BAR, name=long, below=long),) * 30,
        matters=(Matter(long, long, long[:60], long[:60]),) * 30,
        unit_heads=("Đơn vị", *["Hoàn thành muộn"] * 7),
        unit_rows=((long, *["1.234.567"] * 7),) * 30,
        unit_total=("Cộng", *["12.345.678"] * 7),
    )
    _page, text = read(full)
    assert "Lãnh đạo" in text and "…" in text and "12.345.678" in text
    assert len(cut(long)) == LONGEST and cut("ngắn") == "ngắn"


def test_nothing_to_show_is_said():
    _page, text = read(replace(BOARD, programmes=(), matters=(), unit_rows=(), conditions="", place=""))
    assert "Chưa có chương trình" in text and "Không có việc" in text and "Theo đơn vị" not in text


def test_texts_are_never_markup():
    evil = '#read("/etc/passwd") *đậm* $x$ #image("a") \\u{41} <nhãn> @ai'
    _page, text = read(replace(BOARD, title=evil, programmes=(replace(BAR, name=evil, done=None, elapsed=None),)))
    assert '#read("/etc/passwd")' in text.replace("“", '"').replace("”", '"') and "*đậm*" in text


def test_reached_missing_and_gone_are_told_apart_in_grey():
    page, _text = read(replace(BOARD, programmes=(replace(BAR, done=0.5, elapsed=0.9),)))
    grey = page.render(scale=4, grayscale=True).to_pil()
    shades = grey.histogram()
    for wanted in (70, 225):  # the bar, the track; hatching is black on white
        assert sum(shades[wanted - 3 : wanted + 4]) > 500, wanted
    assert (
        page.render(scale=1).to_pil().convert("RGB").getextrema()[0]
        == page.render(scale=1).to_pil().convert("RGB").getextrema()[2]
    )


def test_what_cannot_be_set_is_named(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(pdf.WritingFailed, match="fonts"):
        pdf.board_pdf(BOARD)


def test_a_child_that_takes_too_long_or_fails(monkeypatch):
    def late(*_args, **_more):
        raise subprocess.TimeoutExpired("typst", 20)

    monkeypatch.setattr(subprocess, "run", late)
    with pytest.raises(pdf.WritingFailed, match="timeout"):
        pdf.board_pdf(BOARD)
    monkeypatch.undo()
    monkeypatch.setattr(child, "TEMPLATES", frozenset())
    monkeypatch.setattr(Board, "to_json", lambda _self: {})
    with pytest.raises(pdf.WritingFailed, match="failed"):
        pdf.board_pdf(BOARD)
    assert child.main(["khac", "/"]) == 2


def test_the_child_reads_data_and_writes_a_page(monkeypatch):
    fenced = []
    monkeypatch.setattr(child.fence, "put_up", lambda *limits, **more: fenced.append((limits, more)))
    data = json.dumps(BOARD.to_json()).encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    out = io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr("sys.stdout", out)
    assert child.main(["board", str(pdf.fonts_folder())]) == 0
    assert out.buffer.getvalue().startswith(b"%PDF-")
    assert fenced == [((child.MEMORY, child.CPU_SECONDS), {"threads": True})]


def test_the_child_reaches_no_network_and_starts_no_program():
    tried = (
        "import socket, subprocess, threading\n"
        "from documents.reading import fence\n"
        "fence.put_up(2**30, 10, threads=True)\n"
        "one = threading.Thread(target=print, args=['thread'])\n"
        "one.start(); one.join()\n"
        "for act in (socket.socket, lambda: subprocess.run(['true'])):\n"
        "    try: act(); print('done')\n"
        "    except OSError: print('refused')\n"
    )
    found = subprocess.run([sys.executable, "-c", tried], capture_output=True, text=True, cwd=ROOT, timeout=30)
    assert sorted(found.stdout.split()) == ["refused", "refused", "thread"]
