"""What many people do in the same moment: nothing is lost, nothing happens twice (trust.md F6, F7, F19).

Real threads, each with a browser and a database connection of its own, and real commits. `make soak` runs the full
sizes, `make test` a share of each (docs/soak.md).
"""

from __future__ import annotations

import datetime
import os
import random
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.forms.models import model_to_dict
from django.urls import reverse
from django.utils import timezone

from activities.services import cells, reminders
from core import sign_in
from core.exceptions import DomainError
from core.models import FormKey
from partners.models import Membership
from partners.services import people
from tests import form_pages, races, stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse

    from core.models import Actor

SOAK = bool(os.environ.get("SOAK"))
PAIRS = 1000 if SOAK else 3
WRITERS = 50 if SOAK else 4
DECISIONS = 250 if SOAK else 2
KEYS = 1000 if SOAK else 3
CHANGES = 500 if SOAK else 10
PRESSES = 5
SEED = 4


@pytest.fixture
def scene(transactional_db: None) -> Iterator[races.Scene]:
    """Everybody, committed, and two threads."""
    found = races.set_scene()
    yield found
    races.close(found.pool, 2)


def run_pair(scene: races.Scene, race: races.Race, turn: int, how: str) -> Iterator[str]:
    """Let two people send the same form; yield what is wrong with what came of it.

    how: "held", "free" (see races.at_once), or "after": the second sends a page opened before the first one saved.
    """
    row, also = race.subject(scene), race.also(turn)
    page, target = race.addresses(row)
    texts = [race.words(place, turn) for place in (0, 1)]
    jobs = []
    for place, who in enumerate(race.who):
        client = scene.client(who, place)
        form = races.the_form(client, page, target, **also)
        values = form.as_it_stands() | {name: [v] for name, v in also.items()} | {race.name: [texts[place]]}
        jobs.append(lambda c=client, f=form, v=values: races.post(c, target, f, v))
    before = races.tail()
    answers = [job() for job in jobs] if how == "after" else races.at_once(scene.pool, jobs, held=how == "held")
    codes = [answer.status_code for answer in answers]
    where = f"{race} {how} #{turn} {codes}"
    if codes.count(302) != 1:
        yield f"{where}: {[said(answer) for answer in answers]}"
        return
    won, lost = codes.index(302), 1 - codes.index(302)
    holds = race.holds(races.fresh(row))
    if texts[won] not in holds or texts[lost] in holds:
        yield f"{where}: the row holds {holds[:120]!r}, not {texts[won]!r}"
    lines = [line.action for line in races.written_since(before)]
    if len(lines) != race.lines:
        yield f"{where}: the trail has {lines}"
    shown = form_pages.read(answers[lost])
    kept = shown.holds(race.name, texts[lost])
    if codes[lost] == 409 and kept and texts[won] in shown.text and texts[lost] in shown.text:
        return
    # A step that ended the state in which its form may be sent is refused, with the text, once it is over.
    over = race.told or (race.fresh and how != "held")
    if not (over and codes[lost] in {200, 403, 409} and (kept or texts[lost] in shown.text)):
        yield f"{where}: neither both texts to choose from nor a refusal with the text: {said(answers[lost])}"


def said(answer: HttpResponse) -> str:
    """Return in short what an answer says."""
    page = form_pages.read(answer)
    fault = getattr(answer, "exc_info", None)
    return f"{answer.status_code} {fault and fault[1]!r} {page.problems} {page.text[-300:]}"


def test_of_two_who_save_at_once_one_wins_and_the_other_compares(scene: races.Scene) -> None:
    faults = []
    ways, chosen = ("held", "free", "after"), list(races.RACES)
    random.Random(SEED).shuffle(chosen)
    for turn in range(PAIRS):
        race, how = chosen[turn % len(chosen)], ways[(turn + turn // len(chosen)) % 3]
        faults += run_pair(scene, race, turn, how)
    assert not faults, "\n".join(["", f"{len(faults)} faults", *faults])


def test_a_save_that_lands_after_the_page_was_read_is_shown(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same without threads, for every form: the first saves when the second's view has read what stood before."""
    scene, create = races.set_scene(), FormKey.objects.create
    faults = []
    for turn, race in enumerate(races.RACES):
        row, also = race.subject(scene), race.also(turn)
        page, target = race.addresses(row)
        first, second = (scene.client(who, place) for place, who in enumerate(race.who))
        texts = [race.words(place, turn) for place in (0, 1)]
        forms = [races.the_form(client, page, target, **also) for client in (first, second)]
        sent = [form.as_it_stands() | {name: [v] for name, v in also.items()} for form in forms]
        calls: list[int] = []

        def meanwhile(
            _calls: list = calls, _job: Any = (first, target, forms[0], sent[0] | {race.name: [texts[0]]}), **given: Any
        ) -> Any:
            _calls.append(1)
            if len(_calls) == 1:
                assert races.post(*_job).status_code == 302
            return create(**given)

        monkeypatch.setattr(FormKey.objects, "create", meanwhile)
        answer = races.post(second, target, forms[1], sent[1] | {race.name: [texts[1]]})
        monkeypatch.undo()
        shown = form_pages.read(answer)
        both = texts[0] in shown.text and texts[1] in shown.text
        if race.told:
            both = answer.status_code == 200 and bool(shown.problems)
        if not both or not shown.holds(race.name, texts[1]):
            faults.append(f"{race}: {said(answer)}")
    assert not faults, "\n".join(["", *faults])


def test_many_writers_on_one_record_lose_no_word(scene: races.Scene) -> None:
    """Each adds a mark of its own to one text, and again to what the compare page says is saved, until it is kept."""
    row = races.law(scene)
    address = reverse("agreements:legal_edit", args=[row.pk])
    devices = [stage.sign_in(scene.people[("lan", "hung")[n % 2]]) for n in range(WRITERS)]
    before, faults = races.tail(), []

    def open_form(number: int) -> tuple[form_pages.PageForm, dict[str, Any]]:
        form = races.the_form(devices[number], address, address)
        text = form.controls["subject"].values[0]
        return form, form.as_it_stands() | {"subject": [f"{text} #{number}#"]}

    opened = [open_form(number) for number in range(WRITERS)]

    def write(number: int) -> list[int]:
        form, values = opened[number]
        codes: list[int] = []
        while not codes or codes[-1] == 409:
            answer = races.post(devices[number], address, form, values)
            codes.append(answer.status_code)
            if answer.status_code not in {302, 409}:
                faults.append(said(answer))
            form, values = open_form(number)
        return codes

    pool = races.threads(WRITERS)
    jobs = [lambda n=number: write(n) for number in range(WRITERS)]
    tries = races.at_once(pool, jobs, held=False)
    races.close(pool, WRITERS)
    assert not faults, "\n".join(["", *faults])
    saved = races.fresh(row)
    assert [n for n in range(WRITERS) if f"#{n}#" not in saved.subject] == []
    assert saved.version == row.version + WRITERS == row.version + len(races.written_since(before))
    assert [codes[0] for codes in tries].count(302) == 1  # all had the same version open


def test_a_form_sent_five_times_at_once_is_one_record(scene: races.Scene) -> None:
    faults, pool = [], races.threads(PRESSES)
    chosen = list(races.CREATES)
    random.Random(SEED).shuffle(chosen)
    for turn in range(KEYS):
        faults += press(scene, chosen[turn % len(chosen)], turn, pool)
    races.close(pool, PRESSES)
    assert not faults, "\n".join(["", f"{len(faults)} faults", *faults])


def press(scene: races.Scene, create: races.Create, turn: int, pool: Any) -> Iterator[str]:
    """Send one form five times at once, once more an hour later, and once with other content under its key."""
    address = create.address(scene)
    first = scene.client(create.who)
    form = races.the_form(first, address, address.split("?")[0])
    values = races.right(create, form, turn)
    taps = [races.same_device(first) for _n in range(PRESSES)]  # a browser that sends again does not wait
    before, count = races.tail(), create.model.objects.count()
    jobs = [lambda tap=tap: races.post(tap, address, form, values) for tap in taps]
    answers = races.at_once(pool, jobs, held=turn % 2 == 0)
    where = f"{create} #{turn} {[answer.status_code for answer in answers]}"
    ways = {(answer.status_code, answer.get("Location")) for answer in answers}
    if len(ways) != 1 or answers[0].status_code != 302:
        yield f"{where}: {[said(answer) for answer in answers]}"
        return
    with time_machine.travel(timezone.now() + datetime.timedelta(hours=1)):
        again = races.post(first, address, form, values)
        other = f"{values[create.text][0]} khác"
        changed = races.post(first, address, form, values | {create.text: [other]})
    if (again.status_code, again.get("Location")) not in ways:
        yield f"{where}: an hour later {said(again)}"
    shown = form_pages.read(changed)
    kept = shown.holds(create.text, other) or other in shown.text
    if changed.status_code not in {200, 409} or not kept:
        yield f"{where}: other content under the same key: {said(changed)}"
    made, lines = create.model.objects.count() - count, [line.action for line in races.written_since(before)]
    if made != 1 or len(lines) != 1:
        yield f"{where}: {made} made, the trail has {lines}"


def other_administrator(scene: races.Scene, who: str) -> Actor:
    """Return one who may change that person's rights: nobody changes their own."""
    return scene.cast.actor(scene.people["duc" if who == "dung" else "dung"])


def disabled(scene: races.Scene, who: str, _row: Any) -> None:
    """An administrator disables the person."""
    admin = other_administrator(scene, who)
    people.disable_user(actor=admin, user=scene.people[who], reason="Nghỉ việc", handover_to=None, leave_open=True)


def ended(scene: races.Scene, who: str, _row: Any) -> None:
    """The person's role ends."""
    admin, role = other_administrator(scene, who), Membership.objects.get(user=scene.people[who])
    people.end_membership(actor=admin, membership=role, reason="Chuyển việc")


def moved(scene: races.Scene, who: str, row: Any) -> None:
    """The person gets the same role in another unit instead."""
    role = Membership.objects.get(user=scene.people[who]).role
    ended(scene, who, row)
    unit = scene.cast.stranger if role == "reporter" else scene.cast.other_committee
    people.add_membership(actor=other_administrator(scene, who), user=scene.people[who], organisation=unit, role=role)


def closed(_scene: races.Scene, _who: str, row: Any) -> None:
    """The programme is closed: its period is locked."""
    found = row
    for name in ("deadline", "duty", "task", "programme"):
        found = getattr(found, name, None) or found
    type(found).objects.filter(pk=found.pk).update(status="closed")


# Whose right does not rest on what was taken: an own account, the common registers, administrators of any unit.
REGISTERS = {"activities:holiday_edit", "partners:organisation_edit", "partners:user_edit", "agreements:legal_edit"}
KEPT = {
    ended: {"core:account_show"},
    moved: {"core:account_show", *REGISTERS},
    closed: {"core:account_show", "agreements:intake_check", *REGISTERS},
}


def test_a_right_that_ends_while_a_form_is_open_ends_the_form(db: None) -> None:
    scene = races.set_scene()
    cells = [(race, way) for race in races.RACES for way in (disabled, ended, moved, closed)]
    cells = [(race, way) for race, way in cells if race.on not in KEPT.get(way, ())]
    random.Random(SEED).shuffle(cells)
    faults = [
        fault
        for turn in range(CHANGES)
        for fault in change(scene, *cells[turn % len(cells)], place=turn // len(cells) % 2, turn=turn)
    ]
    assert not faults, "\n".join(["", f"{len(faults)} faults", *faults])


def change(scene: races.Scene, race: races.Race, way: Any, *, place: int, turn: int) -> Iterator[str]:
    """Open a form, take the right away, send the form; yield what is wrong with the answer. All is rolled back."""
    who = race.who[place]
    client = scene.client(who, place)
    with stage.undone(client):
        row, also, text = races.Race.subject(race, scene), race.also(turn), race.words(place, turn)
        page, target = race.addresses(row)
        form = races.the_form(client, page, target, **also)
        values = form.as_it_stands() | {name: [v] for name, v in also.items()} | {race.name: [text]}
        way(scene, who, row)
        before, was = races.tail(), model_to_dict(races.fresh(row))
        answer = races.post(client, target, form, values)
        where = f"{race} {way.__name__} ({who})"
        if answer.status_code not in {200, 401, 403, 404, 409}:
            yield f"{where}: {said(answer)}"
        shown = form_pages.read(answer)
        carried = [c.values[0] for f in shown.forms for c in f.controls.values() if c.name == "carried"]
        kept = any(text in values for found in carried for _name, values in sign_in.unpack(found).fields)
        if not (kept or text in shown.text or shown.holds(race.name, text)):
            yield f"{where}: the text is lost: {said(answer)}"
        if races.written_since(before) or model_to_dict(races.fresh(row)) != was:
            yield f"{where}: written: {[line.action for line in races.written_since(before)]}"
    scene.rows.clear()  # what was made on the way is gone again


def test_two_ladders_at_once_keep_every_step_of_the_one_that_wins(scene: races.Scene) -> None:
    """The other is told: a step only one of them has is no row that a lock could hold."""
    version = reminders.ladder_version(reminders.common_ladder())
    steps = [reminders.common_ladder() | {day: "reporter"} for day in (-20, -10)]
    actors = [scene.cast.actor(scene.people[who]) for who in races.ADMINISTRATORS]

    def save(place: int) -> str:
        try:
            reminders.save_ladder(actor=actors[place], steps=steps[place], version=version)
        except DomainError as error:
            return type(error).__name__
        return ""

    ends = races.at_once(scene.pool, [lambda: save(0), lambda: save(1)], held=True)
    assert sorted(ends) == ["", "Stale"]
    assert reminders.common_ladder() == steps[ends.index("")]


def test_of_two_decisions_at_once_one_counts(scene: races.Scene) -> None:
    """One officer accepts what the other returns: one line in the trail, and the entry stands as it says."""
    faults = []
    for turn in range(DECISIONS):
        decision = races.DECISIONS[turn % len(races.DECISIONS)]
        row = decision.row(scene)
        address = reverse(decision.on, args=[row.pk])
        jobs = []
        for place, also in enumerate(({"action": "accept"}, {"action": "return", "reason": f"Thiếu biên bản {turn}."})):
            client = scene.client(races.OFFICERS[place], place)
            form = races.the_form(client, address, address)
            values = form.as_it_stands() | {name: [value] for name, value in (also | decision.also).items()}
            jobs.append(lambda c=client, f=form, v=values, a=address: races.post(c, a, f, v))
        before = races.tail()
        answers = races.at_once(scene.pool, jobs, held=turn % 2 == 0)
        lines = [line.action for line in races.written_since(before)]
        state = decision.holds(races.fresh(row))
        where = f"{decision} #{turn} {[answer.status_code for answer in answers]}: {lines}, {state}"
        if any(answer.status_code >= 500 for answer in answers):
            faults.append(f"{where}: {[said(answer) for answer in answers]}")
        elif len(lines) != 1 or (lines[0], state) not in decision.ends:
            faults.append(where)
    assert cells.check().tallies == []
    assert not faults, "\n".join(["", f"{len(faults)} faults", *faults])
