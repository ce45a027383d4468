"""What many tests begin with, the cast or the demo: written once, and left in place while the next tests begin alike.

It stands in a transaction around those of the tests, each of which is rolled back to it. Its rows are of a moment long
past, whichever test came first and whatever time that one travelled to.
"""

from __future__ import annotations

import pickle
from contextlib import contextmanager
from typing import TYPE_CHECKING

import time_machine
from django.db import connection, transaction

from tests import demo_rows
from tests.cast import Cast, make_cast

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CAST, DEMO, NOTHING = "cast", "demo", ""
LONG_AGO = "2020-01-01 08:00+07:00"


class Beginnings:
    """The one beginning that is written in the database of this process, by name; NOTHING in an empty one."""

    def __init__(self, kept: Path, files: Path) -> None:
        self.written = NOTHING
        self.kept = kept  # what all processes share of the demo
        self.files = files  # its files, to which tests of this process may add
        self._people = b""

    def have(self, wanted: str) -> None:
        """Have the wanted beginning in the database and no other."""
        if wanted == self.written:
            return
        self.clear()
        if wanted == NOTHING:
            return
        self._around = transaction.atomic()
        self._around.__enter__()
        self.written = wanted
        if wanted == DEMO:
            demo_rows.load(self.kept)
            if not self.files.exists():
                demo_rows.link_files(self.kept, self.files)
            return
        with time_machine.travel(LONG_AGO, tick=False):
            self._people = pickle.dumps(make_cast())
        connection.check_constraints()  # else each test would check these rows again

    @contextmanager
    def own(self) -> Iterator[None]:
        """Have what is written inside, the beginning of the tests of one module."""
        self.clear()
        with transaction.atomic():
            yield
            transaction.set_rollback(True)

    def clear(self) -> None:
        """Have nothing in the database, as those who commit need it."""
        if self.written != NOTHING:
            transaction.set_rollback(True)
            self._around.__exit__(None, None, None)
            self.written = NOTHING

    def people(self) -> Cast:
        """Return objects of one test's own for the rows of the cast, as if they had just been written."""
        return pickle.loads(self._people)
