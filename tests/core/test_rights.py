"""core.rights: the tables and their merging."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from core import rights


def test_a_line_of_a_table() -> None:
    line = rights.route("officer", "leader", methods="GET POST", obj="programme")
    assert line.roles == {"officer", "leader"}
    assert line.methods == ("GET", "POST")
    assert line.obj == "programme"


def test_a_name_in_two_tables_is_an_error(monkeypatch) -> None:
    table = SimpleNamespace(ROUTES={"core:a_show": rights.route("officer")})
    monkeypatch.setattr(rights, "import_module", lambda name: table)
    rights.all_routes.cache_clear()
    try:
        with pytest.raises(ValueError, match="core:a_show"):
            rights.all_routes()
    finally:
        monkeypatch.undo()
        rights.all_routes.cache_clear()
