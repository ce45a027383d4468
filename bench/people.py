"""Run by `make bench` on each database: signs people in and names what the pages are about, as JSON.

usage: python -m bench.people pages | load NUMBER | end KEY…
Sessions are made directly: 200 people who type their password would meet the limit of tries per address.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import sys
import time
from typing import TYPE_CHECKING, Any

import django

from bench.pages import LEADER, OFFICER, PAGES
from config import prepare

if TYPE_CHECKING:
    from core.models import User

# of 100 simulated people; the rest are partners' staff
OFFICERS, LEADERS = 35, 10
OWN_TASKS = 5  # of a partner, to log work for


def main(words: list[str]) -> int:
    """Do what is asked and print the answer."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    match words:
        case ["pages"]:
            with contextlib.redirect_stdout(sys.stderr):  # they tell their progress; the answer is JSON alone
                prepare.catalogues()
                prepare.assets()
            print(json.dumps(for_pages()))
        case ["load", number]:
            print(json.dumps(for_load(int(number))))
        case ["end", *keys]:
            end(keys)
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


def for_pages() -> dict[str, Any]:
    """Return {"sessions": person → key, "paths": page → address}."""
    from core.models import User

    people = {name: User.objects.get(username=name) for name in (OFFICER, LEADER)}
    objects = _objects(people[OFFICER])
    return {
        "sessions": {name: sign_in(user) for name, user in people.items()},
        "paths": {page.name: page.path.format(**objects) for page in PAGES},
    }


def _objects(officer: User) -> dict[str, int]:
    """Return a rich programme of the officer, its task with most entries and an accepted entry with evidence."""
    from django.db.models import Count

    from activities.models import Activity
    from agreements.models import Programme, Task

    seen = Programme.objects.visible_to(officer).in_force()
    programme = seen.annotate(n=Count("tasks")).order_by("-n", "pk").first()
    if programme is None:
        raise SystemExit("No programme in force: the data are not those of manage.py generate, or very old.")
    tasks = Task.objects.filter(programme=programme)
    task = tasks.annotate(n=Count("activities")).order_by("-n", "pk")[0]
    done = Activity.objects.filter(task__programme=programme, review="accepted").exclude(measurements=None)
    entry = done.filter(evidence__isnull=False).first() or done.first()
    if entry is None:
        raise SystemExit(f"Programme {programme.pk} has no accepted entry: the data are not those of generate.")
    return {"programme": programme.pk, "task": task.pk, "activity": entry.pk}


def for_load(number: int) -> list[dict[str, Any]]:
    """Return so many people with a session each: {"role", "session", "tasks"}; the same ones on equal data.

    tasks: those a partner may log work for; with them only partners that have some are taken.
    """
    from agreements.models import Programme
    from partners.models import Membership

    owners = Programme.objects.in_force().values("owner")  # elsewhere nothing waits for review
    current = Membership.objects.current().select_related("user").order_by("pk")
    dice = random.Random(1)
    found = []
    for role, share in (("officer", OFFICERS), ("leader", LEADERS), ("reporter", 100)):
        there = current.filter(role=role)
        people = list(there if role == "reporter" else there.filter(organisation__in=owners))
        dice.shuffle(people)
        wanted = min(number * share // 100, number - len(found))
        for membership in people:
            if wanted == 0:
                break
            tasks = _tasks(membership) if role == "reporter" else []
            if tasks or role != "reporter":
                found.append({"role": role, "session": sign_in(membership.user), "tasks": tasks})
                wanted -= 1
        if wanted:
            raise SystemExit(f"The data hold {wanted} people too few of the role {role}.")
    return found


def _tasks(membership: Any) -> list[int]:
    """Return tasks that the organisation leads in programmes that are in force."""
    from agreements.models import Programme, Task

    led = Task.objects.live().filter(lead=membership.organisation_id, programme__status=Programme.Status.IN_FORCE)
    return list(led.order_by("pk").values_list("pk", flat=True)[:OWN_TASKS])


def sign_in(user: User) -> str:
    """Return the key of a session as core.sign_in.sign_in begins it, with what keeps it from being renewed at once."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from core import sign_in as signing

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "core.sign_in.Backend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session[signing.STARTED] = time.time()
    session.create()
    return str(session.session_key)


def end(keys: list[str]) -> None:
    """Remove sessions."""
    from django.contrib.sessions.models import Session

    Session.objects.filter(pk__in=keys).delete()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
