"""Only named files of packages are served, and a missing one is reported."""

import pytest
from django.contrib.staticfiles import finders

from config import assets


def test_bootstrap_is_found_under_its_static_name() -> None:
    found = finders.find("vendor/bootstrap.min.css")
    assert found and found.endswith("bootstrap.min.css")


def test_nothing_else_of_the_package_is_found() -> None:
    assert finders.find("vendor/bootstrap.min.js") is None
    assert finders.find("css/bootstrap.min.css") is None
    assert finders.find("vendor/../vendor/bootstrap.min.css") is None


def test_collected_files_can_be_read() -> None:
    listed = dict(assets.PackageFinder().list([]))
    assert set(listed) == set(assets.PACKAGE_FILES)
    with listed["vendor/bootstrap.min.css"].open("vendor/bootstrap.min.css") as file:
        assert b"Bootstrap" in file.read(400)
    with pytest.raises(FileNotFoundError):
        listed["vendor/bootstrap.min.css"].open("vendor/other.css")


@pytest.mark.parametrize("source", [("no.such.package", "a.css"), ("xstatic.pkg.bootstrap", "data/css/none.css")])
def test_missing_file_is_a_check_error(monkeypatch: pytest.MonkeyPatch, source: tuple[str, str]) -> None:
    assert assets.PackageFinder().check() == []
    monkeypatch.setitem(assets.PACKAGE_FILES, "vendor/none.css", source)
    assert [error.id for error in assets.PackageFinder().check()] == ["config.E001"]


def test_source_maps_are_not_followed() -> None:
    assert assets.Storage.patterns
    assert "sourceMappingURL" not in str(assets.Storage.patterns)
