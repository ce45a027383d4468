"""Front-end assets that come from Python packages: a whitelist finder, and the storage that hashes all static files.

Whole packages in STATICFILES_DIRS would copy 25 MB and stop `collectstatic` at a missing source map; so each file
a page uses is named here once, and `manage.py check` reports a package that no longer has it.
"""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.checks import CheckMessage, Error
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

# Name below STATIC_URL → (package, file inside it).
PACKAGE_FILES = {
    "vendor/bootstrap.min.css": ("xstatic.pkg.bootstrap", "data/css/bootstrap.min.css"),
}


def package_file(name: str) -> Path | None:
    """The file on disk behind a whitelisted static name, or None if the name, its package or the file is absent."""
    if name not in PACKAGE_FILES:
        return None
    package, inside = PACKAGE_FILES[name]
    try:
        spec = importlib.util.find_spec(package)
    except ModuleNotFoundError:
        return None
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / inside
        if path.is_file():
            return path
    return None


class PackageStorage(FileSystemStorage):
    """Read-only storage of the whitelisted files under their static names."""

    prefix = ""

    def path(self, name: str) -> str:
        """The real path behind a static name; FileNotFoundError for any other name."""
        path = package_file(name)
        if path is None:
            raise FileNotFoundError(name)
        return str(path)


class PackageFinder(BaseFinder):
    """staticfiles finder of PACKAGE_FILES."""

    storage = PackageStorage()

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        """An error for each listed file its package does not have."""
        return [
            Error(
                f"{package} has no {inside}",
                hint="make setup installs the packages",
                id="config.E001",
            )
            for name, (package, inside) in PACKAGE_FILES.items()
            if package_file(name) is None
        ]

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The absolute path of a static name (a list with find_all), [] where it is not ours."""
        found = package_file(path.replace("\\", "/"))
        if found is None:
            return []
        return [str(found)] if find_all else str(found)

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        """Every static name with the storage to read it from."""
        for name in PACKAGE_FILES:
            if not matches_patterns(name, ignore_patterns or []):
                yield name, self.storage


class Storage(CompressedManifestStaticFilesStorage):
    """Hashed names and compressed copies; source-map comments are not followed: the maps are not shipped."""

    patterns = tuple(
        (
            extension,
            tuple(rule for rule in rules if "sourceMappingURL" not in (rule if isinstance(rule, str) else rule[0])),
        )
        for extension, rules in CompressedManifestStaticFilesStorage.patterns
    )
