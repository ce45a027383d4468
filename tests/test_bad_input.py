"""Every form against bad input: nothing answers 500, what was typed stays, each message says what to do in both
languages (issue 2, "Bad input"). Each cell is rolled back; the tests collect all faults, so that one run shows them.
"""

from __future__ import annotations

import itertools
import os
import re
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import translation

from agreements.forms.sources import failure_message
from agreements.models import Intake
from core import files, rights
from core.forms import upload_message
from core.models import AuditEntry, User
from documents.uploads import UploadRejected
from tests import form_pages, hostile, stage
from tests.cast import PASSWORD, make_cast
from tests.form_pages import TOKENS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.http import HttpResponse

    from tests.beginnings import Beginnings

pytestmark = pytest.mark.django_db

RAW = (b"<script>alert", b"<img src=x")
PARTS = 5  # what `make test` takes of the largest rounds: one fifth
# Forms that the walk finds on no page, as (who, fields): reason.
BY_HAND = {
    "activities:review_undo": ("lan", "accepted", {"version": "1"}),  # its button stands in the session of the decider
    "activities:measurement_undo": ("lan", "measurement", {"version": "1"}),  # likewise
    "activities:deadline_undo": ("lan", "awaiting", {"version": "1"}),  # likewise
    "activities:report_undo": ("lan", "report_duty", {"version": "1"}),  # likewise
    "activities:extension_undo": ("lan", "extension", {"version": "1"}),  # likewise
    "agreements:intake_read": ("lan", "intake", {"version": "1", "act": "convert"}),  # only while a decision waits
    "core:notice_list": ("lan", "", {"notice": "1"}),  # a button beside each notice; the walk has none
    "insights:briefing_mark": ("hoa", "", {}),  # a button of the leader, who walks no forms
    "core:session_start": ("", "", {}),  # signed out; tests/core/test_sign_in.py holds its cases
}
# A source is kept though it cannot be read, so it is told what the reader found, not what an attachment would be told.
READ_AS = {"broken": "damaged", "zip_bomb": "bomb", "wrong_kind": "unknown_kind"}
# A table is no document.
OWN_WORDS = {("agreements:legal_import", "wrong_kind"): "Choose an Excel file (XLSX) or a CSV file."}
NOT_KEPT = {"empty", "too_big"}  # nothing to keep, or more than the limit
NO_TEXT_TO_COMPARE = {"agreements:intake_confirm"}  # shows the values once more with a warning instead
# POSTs whose good answer is a page, not a redirect.
ANSWERS_WITH_A_PAGE = {"partners:user_slip": "the slip is shown once, in the answer to the POST, and nowhere else"}


@pytest.fixture(scope="module")
def ground(beginnings: Beginnings, django_db_blocker: Any) -> Iterator[tuple[stage.Stage, list[stage.Cell], list[str]]]:
    """Set the stage once for the module; everything is rolled back at its end."""
    with django_db_blocker.unblock(), beginnings.own():
        found = stage.set_up(make_cast())
        yield (found, *stage.find_forms(found))


Ground = tuple[stage.Stage, list[stage.Cell], list[str]]


def send(cell: stage.Cell, client: Client, values: dict[str, Any]) -> HttpResponse:
    """Post a form as its enctype says."""
    if cell.form.multipart:
        return client.post(cell.target, values, headers={"referer": f"http://testserver{cell.page}"})
    body = QueryDict(mutable=True)
    for name, value in values.items():
        body.setlist(name, value if isinstance(value, list) else [value])
    return client.post(
        cell.target,
        body.urlencode(),
        content_type="application/x-www-form-urlencoded",
        headers={"referer": f"http://testserver{cell.page}"},
    )


def button(cell: stage.Cell, turn: int) -> dict[str, list[str]]:
    """Return the named button of a turn: they take turns."""
    if not cell.form.buttons:
        return {}
    buttons = sorted(cell.form.buttons, key=lambda button: button[1] == "add_row")  # it only shows the form again
    if len(buttons) > 2 and buttons[-1][1] == "add_row":
        buttons.insert(1, buttons.pop())  # tests that send want the first or the last
    name, value = buttons[turn % len(buttons)]
    return {name: [value]}


def rounds(cell: stage.Cell) -> Iterator[tuple[str, dict[str, list[str]], dict[str, str]]]:
    """Yield (label, values to send, what of it was typed) for one form."""
    form = cell.form
    base = form.as_it_stands()
    typed = form.typed()
    tokens = {name: base[name] for name in base if name in TOKENS}
    hidden = [c.name for c in form.controls.values() if c.kind == "hidden" and c.name not in TOKENS]
    for turn in range(max(1, len(form.buttons))):
        yield "nothing", tokens | {n: base.get(n, [""]) for n in hidden} | button(cell, turn), {}
    yield "no field at all", {}, {}
    pools = {kind: hostile.pool(kind) for kind in {c.kind for c in typed}}
    many = len(typed) > 15
    for turn in range(0, hostile.ROUNDS if typed else 0, 2 if many else 1):
        # not 64 KB in every control of a long form: a request over 5 MB is refused as a whole
        mine = {c.name: pools[c.kind][turn][1] for c in typed[:10]}
        yield hostile.pool("text")[turn][0], base | button(cell, turn) | {n: [v] for n, v in mine.items()}, mine
    seen = set()
    for turn, control in enumerate(typed):
        shape = re.sub(r"\d+", "#", control.name)
        if shape not in seen and len(seen) < 6:  # one row stands for all rows of its kind
            seen.add(shape)
            mine = {control.name: hostile.sharpest(control.kind)}
            yield f"{control.name} alone", base | button(cell, turn) | {n: [v] for n, v in mine.items()}, mine
    chosen = [c.name for c in form.controls.values() if c.kind in {"choice", "tick"}]
    for names, what in ((chosen, "choices"), (hidden, "hidden")):
        for turn, value in enumerate(hostile.CHOICES[:: 4 if many else 2] if names else ()):
            yield f"{what} {value[:12]!r}", base | button(cell, turn) | {name: [value] for name in names}, {}
    for name in [name for name in hidden if "_FORMS" not in name][:4] if len(hidden) > 1 else ():
        yield f"{name} alone", base | {name: [hostile.CHOICES[1]]}, {}


def share(cells: Iterable[Any], turn: int) -> Iterable[Any]:
    """Return one of PARTS of the cells, the next part for the next form: all values meet some form (make soak: all)."""
    return cells if os.environ.get("SOAK") else itertools.islice(cells, turn % PARTS, None, PARTS)


def judge(cell: stage.Cell, label: str, typed: dict[str, str], response: HttpResponse, client: Client) -> Iterator[str]:
    """Yield what is wrong with an answer."""
    where = f"{cell} [{label}] {response.status_code}"
    if response.status_code >= 500:
        yield f"{where}: {response.exc_info[1]!r}"[:300] if response.exc_info else where
        return
    content = b"" if response.streaming else response.content
    if any(raw in content for raw in RAW):
        yield f"{where}: script unescaped"
    words = {name: value for name, value in typed.items() if form_pages.plain(value)}
    if response.status_code in {301, 302, 303}:
        queued = getattr(getattr(response.wsgi_request, "_messages", None), "_queued_messages", [])
        if words and any(message.level >= 30 for message in queued):
            again = form_pages.read(client.get(response["Location"]))
            if not all(again.holds(name, value) for name, value in words.items()):
                yield f"{where}: led away with “{queued[0]}”, what was typed is lost"
        if label in {"script", "template"}:
            after = client.get(response["Location"])
            if after.status_code >= 500:
                yield f"{where} → {response['Location']}: {after.exc_info[1]!r}"[:300]
            elif not after.streaming and any(raw in after.content for raw in RAW):
                yield f"{where} → {response['Location']}: script unescaped"
        return
    page = form_pages.read(response)
    told = page.problems or b"note-fix" in content or b"note-over" in content
    if response.status_code == 200 and not told and cell.route not in ANSWERS_WITH_A_PAGE:
        yield f"{where}: shown again without an error summary"
    lost = [name for name, value in words.items() if not page.holds(name, value)]
    if lost and not (response.status_code == 200 and cell.route in ANSWERS_WITH_A_PAGE):
        yield f"{where}: lost {', '.join(lost)[:120]}"


def test_every_post_route_has_a_form_or_is_named_here(ground: Ground) -> None:
    found, cells, wrong = ground
    posts = {name for name, route in rights.all_routes().items() if "POST" in route.methods}
    assert not wrong, "\n".join(["", *wrong])
    assert posts - {cell.route for cell in cells} == set(BY_HAND)


def test_no_form_falls_over_or_loses_what_was_typed(ground: Ground) -> None:
    found, cells, _wrong = ground
    faults = []
    for turn, cell in enumerate(cells):
        client = found.clients[cell.who]
        for label, values, typed in share(rounds(cell), turn):
            with stage.undone(client):
                faults += judge(cell, label, typed, send(cell, client, values), client)
    assert not faults, "\n".join(["", *faults])


def test_forms_by_hand_do_not_fall_over(ground: Ground) -> None:
    found, _cells, _wrong = ground
    faults = []
    for turn, (name, (who, row, fields)) in enumerate(BY_HAND.items()):
        keys = found.rows["objects"].keys
        args = [keys[row] if row in keys else found.rows[row].pk] if row else []
        client = found.clients[who] if who else Client(raise_request_exception=False)
        for field in (*fields, "next", "form_key", "version", "acting_as", "username", "password", "carried"):
            for value in share((*hostile.CHOICES, hostile.LONG), turn):
                with stage.undone(client):
                    answer = client.post(reverse(name, args=args), fields | {field: value})
                    if answer.status_code >= 500 or any(raw in answer.content for raw in RAW):
                        faults.append(f"{name} {field}={value[:12]!r}: {answer.status_code}")
    assert not faults, "\n".join(["", *faults])


def test_hostile_files_get_a_message_in_both_languages(ground: Ground) -> None:
    found, cells, _wrong = ground
    faults = []
    for turn, cell in enumerate(cells):
        client, base = found.clients[cell.who], cell.form.as_it_stands()
        for name in [c.name for c in cell.form.controls.values() if c.kind == "file"]:
            for label, file in share(hostile.files().items(), turn):
                for language in ("vi",) if label == "25 MB" else ("vi", "en"):
                    with stage.undone(client), translation.override(language):
                        User.objects.update(language=language)
                        upload = file.upload()
                        answer = send(cell, client, base | button(cell, 0) | {name: upload})
                        where = f"{cell} {name} [{label}, {language}]"
                        faults += judge(cell, where, {}, answer, client)
                        wanted = upload_message(UploadRejected(file.code, size=len(file.data)))
                        if (cell.route, file.code) in OWN_WORDS:
                            wanted = translation.gettext(OWN_WORDS[cell.route, file.code])
                        if cell.route == "agreements:intake_create" and file.code not in NOT_KEPT:
                            wanted = failure_message(READ_AS.get(file.code, file.code), {})
                            kept = Intake.objects.latest("pk").file
                            if (
                                answer.status_code != 302
                                or kept is None
                                or files.path_of(kept).read_bytes() != file.data
                            ):
                                faults.append(f"{where}: not kept")
                                continue
                            answer = client.get(answer["Location"])  # its values are typed beside it
                            faults += [f"{where}: script unescaped"] if RAW[1] in answer.content else []
                        if wanted not in form_pages.read(answer).text:
                            problems = form_pages.read(answer).problems
                            faults.append(f"{where}: {answer.status_code}, not “{wanted}” but {problems}")
    assert not faults, "\n".join(["", *faults])


def test_messages_are_in_the_language_of_the_person(ground: Ground) -> None:
    """The same mistakes in both languages: as many messages, none of them in the other language."""
    found, cells, _wrong = ground
    faults = []
    for turn, cell in enumerate(cells):
        client, base = found.clients[cell.who], cell.form.as_it_stands()
        tokens = {name: base[name] for name in base if name in TOKENS or cell.form.controls[name].kind == "hidden"}
        wrong = base | {c.name: [hostile.sharpest(c.kind)] for c in cell.form.typed()[:10]}
        mistakes = (("nothing", tokens), ("wrong", wrong))
        for label, values in mistakes if os.environ.get("SOAK") else mistakes[turn % 2 :][:1]:
            problems = {}
            for language in ("vi", "en"):
                with stage.undone(client):
                    User.objects.update(language=language)
                    answer = send(cell, client, values | button(cell, len(cell.form.buttons) - 1))
                    faults += judge(cell, f"{label}, {language}", {}, answer, client)
                    problems[language] = form_pages.read(answer).problems
            same = set(problems["vi"]) & set(problems["en"])
            if same or len(problems["vi"]) != len(problems["en"]):
                faults.append(f"{cell} [{label}]: {same or problems}")
    assert not faults, "\n".join(["", *faults])


QUERIES = (
    "don-vi=abc&nam=x&trang=99999&page=99999",
    "page=0&q=%00%1b&trang=-1&tu=31/02/2026&den=hom-nay&nhiem-vu=abc&chi-tieu=abc&chuong-trinh=-1",
    "page=1e9&q=%ff%fe%80&don_vi=%ff&dia_ban=%ff&loai=%ff&tinh-trang=%ff",
    "q=a&q=b&page=1&page=2&don-vi=1&don-vi=2&trang-thai=draft&trang-thai=x&nam=2024&nam=2025",
    f"q={'%C4%90' * 3000}&nam={'9' * 5000}&don-vi={'9' * 30}&nhiem-vu={'9' * 30}&chi-tieu={'9' * 11}&don_vi={'9' * 30}",
    "q=%3Cscript%3Ealert(1)%3C/script%3E&don-vi=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&next=//x&xem=%3Cscript%3Ealert(1)",
    "chu-tri=99999999999&han=x&nhiem_vu=99999999999999999999&chuong_trinh=99999999999999999999&nam=0&thang=13&linh-vuc=x",
    "nhiem-vu=%D9%A3&chi-tieu=%D9%A3&hoat-dong=%D9%A3&don-vi=%D9%A3&chu-tri=%C2%B2&nam=%C2%B2&nhiem-vu=%C2%B2&chi-tieu=%C2%B2",
    "tu=01/01/2026&den=01/01/2020&sap-xep=%27;drop&thu-tu=__class__&nhom=__dict__&cot=x",
)


def test_no_page_falls_over_a_bad_query(ground: Ground) -> None:
    found, _cells, _wrong = ground
    faults = []
    for turn, (who, url) in enumerate(dict.fromkeys((who, url.split("?")[0]) for who, url in found.pages)):
        for query in share(QUERIES, turn):
            answer = stage.get(found.clients[who], f"{url}?{query}")
            if answer.status_code >= 500:
                faults.append(f"GET {url}?{query[:60]} ({who}): {answer.exc_info[1]!r}"[:300])
            elif not answer.streaming and any(raw in answer.content for raw in RAW):
                faults.append(f"GET {url}?{query[:60]} ({who}): script unescaped")
    assert not faults, "\n".join(["", *faults])


def test_bytes_that_are_no_text_do_not_fall_over(ground: Ground) -> None:
    found, cells, _wrong = ground
    faults = []
    form, parts = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
    for turn, cell in enumerate(cells):
        client, base = found.clients[cell.who], cell.form.as_it_stands()
        names = [c.name for c in cell.form.controls.values() if c.name not in TOKENS]
        key = f"form_key={base.get('form_key', [''])[0]}&"
        bodies: list[tuple[Any, str]] = [
            (key + "&".join(f"{name}=%ff%fe%ed%a0%80%00" for name in names), form),
            (f"{key}&&&=&%=%&;", form),
            (key + "\x00" * 100, form),
            (b"--x\r\nContent-Disp", parts),  # a file's body cut off in the middle
        ]
        for body, kind in bodies if os.environ.get("SOAK") else bodies[turn % 2 :: 2]:
            with stage.undone(client):
                answer = client.post(cell.target, body, content_type=kind)
                faults += [f"{cell}: {answer.exc_info[1]!r}"[:300]] if answer.status_code >= 500 else []
    assert not faults, "\n".join(["", *faults])


def actions() -> list[str]:
    """Return what the trail says was done; signing in and out apart."""
    rows = AuditEntry.objects.order_by("sequence").values_list("action", flat=True)
    return [action for action in rows if not action.startswith("session.")]


def test_a_lost_session_keeps_what_was_typed_for_the_same_person_only(ground: Ground) -> None:
    found, cells, _wrong = ground
    faults, before = [], actions()
    text = "Giữ lại câu này <b>"
    for cell in cells:
        mine = {c.name: text for c in cell.form.typed()}
        if not mine:
            continue
        values = cell.form.as_it_stands() | button(cell, 0) | {name: [value] for name, value in mine.items()}
        signed_out = Client(raise_request_exception=False)
        answer = send(cell, signed_out, values)
        form = next((f for f in form_pages.read(answer).forms if "carried" in f.controls), None)
        if answer.status_code != 401 or form is None:
            faults.append(f"{cell}: {answer.status_code}, nothing carried")
            continue
        for who in (cell.who, "hung"):
            client = Client(raise_request_exception=False)
            client.cookies = SimpleCookie(signed_out.cookies.output(header=""))
            with stage.undone(client):
                entry = form.as_it_stands() | {"username": [who], "password": [PASSWORD]}
                answer = client.post(form.action, entry)
                page = form_pages.read(client.get(answer.get("Location", "/")))
                kept = [name for name in mine if page.holds(name, text)]
                if who != cell.who and kept:
                    faults.append(f"{cell}: another person sees {kept}")
                if who == cell.who and len(kept) < len(mine):
                    faults.append(f"{cell}: lost {sorted(mine.keys() - set(kept))[:8]}")
                written = [name for name in actions()[len(before) :] if name != "refused"]  # another person may be
                if written:
                    faults.append(f"{cell}: something was written: {written}")
    assert not faults, "\n".join(["", *faults])


# A decision that another person has already taken: there is nothing left to compare, the next item is shown.
DECIDED = {
    "activities:review_show",
    "activities:measurement_review",
    "activities:deadline_review",
    "activities:report_review",
}


def test_a_stale_form_shows_both_texts_and_overwrites_nothing(ground: Ground) -> None:
    found, cells, _wrong = ground
    faults, before = [], actions()
    for cell in cells:
        controls = cell.form.controls
        if not controls.get("version") or not controls["version"].values[0] or cell.route in DECIDED:
            continue
        client, base = found.clients[cell.who], cell.form.as_it_stands()
        mine = next((c for c in cell.form.typed() if c.kind in {"text", "area"} and c.values[0]), None)
        wanted = f"{mine.values[0]} của tôi" if mine else ""
        with stage.undone(client):
            typed = {mine.name: [wanted]} if mine else {}
            answer = send(cell, client, base | button(cell, 0) | typed | {"version": ["7777"]})
            page = form_pages.read(answer)
            if mine and not (answer.status_code == 409 and page.holds(mine.name, wanted)):
                faults.append(f"{cell}: {answer.status_code} {page.problems} does not keep mine ({mine.name})")
            elif mine and form_pages.plain(mine.values[0]) not in page.text:
                faults.append(f"{cell}: does not show theirs ({mine.name})")
            elif answer.status_code in {200, 302} and not page.problems and cell.route not in NO_TEXT_TO_COMPARE:
                faults.append(f"{cell}: {answer.status_code} for a stale form")
            if actions() != before:
                faults.append(f"{cell}: something was written: {actions()[len(before) :]}")
    assert not faults, "\n".join(["", *faults])


# What makes each creating form right, on top of what stands in it; "" in a choice means its last option.
CREATES: dict[str, dict[str, str]] = {
    "agreements:programme_create": {"title": "Chương trình gửi hai lần", "leave": "1"},
    "agreements:task_create": {"title": "Nhiệm vụ gửi hai lần"},
    "agreements:legal_create": {"kind": "Chỉ thị", "number": "99-CT/TW", "issued_on": "05/03/2021"},
    "agreements:intake_create": {"text": "Chương trình phối hợp về bảo vệ môi trường, giai đoạn 2026 - 2030."},
    "agreements:document_add": {"title": "Bản ký gửi hai lần"},
    "agreements:deadline_report": {"done_on": "05/03/2026", "note": "Báo cáo 45/BC-SYT"},
    "activities:activity_create": {"what_was_done": "Kiểm tra bếp ăn gửi hai lần.", "action": "draft"},
    "activities:measurement_create": {"source": "Báo cáo 45/BC-SYT", "action": "draft"},
    "core:view_create": {"name": "Lưu hai lần", "next": "/viec/"},
    "partners:organisation_create": {"name": "Sở Gửi hai lần", "kind": ""},
    "partners:contact_add": {"full_name": "Trần Gửi hai lần", "phone": "0208 385 1234"},
    "partners:user_create": {"full_name": "Trần Gửi", "username": "gui.hl", "organisation": "", "role": "officer"},
    "partners:membership_add": {"organisation": "", "role": "officer"},
}


def test_a_double_submit_is_one_entry_and_a_changed_one_is_refused(ground: Ground) -> None:
    found, cells, _wrong = ground
    faults = []
    by_route = {cell.route: cell for cell in reversed(cells)}
    for route, fields in CREATES.items():
        cell = by_route[route]
        client, controls = found.clients[cell.who], cell.form.controls
        right = {name: value or controls[name].options[-1] for name, value in fields.items()}
        right |= {c.name: "5" for c in controls.values() if re.fullmatch(r"q\d+", c.name)}

        def values(changed: str = "", cell: stage.Cell = cell, right: dict[str, str] = right) -> dict[str, Any]:
            files = [c.name for c in cell.form.controls.values() if c.kind == "file" and c.name in {"file", "files"}]
            uploads = {n: hostile.good_file().upload() for n in files if cell.route != "agreements:intake_create"}
            first = next(iter(right))
            sent = cell.form.as_it_stands() | {name: [value] for name, value in right.items()}
            is_text = first in {c.name for c in cell.form.typed()}
            return sent | ({first: [right[first] + changed]} if is_text else {"khac": [changed]}) | uploads

        with stage.undone(client):
            before = len(actions())
            first = send(cell, client, values())
            written = len(actions())
            second = send(cell, client, values())
            if first.status_code != 302 or written == before:
                faults.append(
                    f"{cell}: {first.status_code} {form_pages.read(first).problems}: the test's data are wrong"
                )
                continue
            if (second.status_code, second.get("Location")) != (302, first["Location"]):
                faults.append(f"{cell}: the second answer is {second.status_code}, not the first one's page")
            third = send(cell, client, values(" khác"))
            said = form_pages.read(third)
            if third.status_code not in {200, 409} or "biểu mẫu" not in said.text.lower():
                faults.append(f"{cell}: the same key with other content: {third.status_code} {said.problems}")
            if len(actions()) != written:
                faults.append(f"{cell}: written twice: {actions()[before:]}")
    assert not faults, "\n".join(["", *faults])
