"""`make check` and `make test`: what has to be there, the static checks, the tests on both kinds of database.

Run by the system's python3 like config.launch, of which it is the second half. Everything runs even when something
before it failed; the exit code says whether all went well.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from config.launch import PYTHON, ROOT, VENV, LaunchError, environment, install, install_command, say, tail, var_dir

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_BROWSER = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
PROCESSES = "3"  # on two cores: a browser or a server is often waited for


def static_checks() -> list[tuple[str, list[str]]]:
    """(name, command) of every static check."""
    manage = [str(PYTHON), "-W", "ignore::RuntimeWarning", "manage.py"]  # no database is needed: do not warn of it

    def tool(name: str) -> str:
        return str(VENV / "bin" / name)

    return [
        ("format", [tool("ruff"), "format", "--check", "--output-format", "concise", "."]),
        ("lint", [tool("ruff"), "check", "--quiet", "--output-format", "concise", "."]),
        ("imports", [tool("lint-imports"), "--no-cache"]),
        ("types", [tool("mypy"), *typed_places()]),
        ("templates", [tool("djlint"), "templates", "--lint", "--quiet"]),
        ("migrations", [*manage, "makemigrations", "--check", "--dry-run"]),
        ("catalogues", [*manage, "catalogue", "--check"]),
        ("settings", [*manage, "check"]),
    ]


def typed_places() -> list[str]:
    """What mypy checks: the rooms' services, policy and figures, all documents, and what starts everything."""
    names = ("services", "policy", "figures")
    places = [ROOT / "documents", *(p for name in names for end in ("", ".py") for p in ROOT.glob(f"*/{name}{end}"))]
    started = ["config/launch.py", "config/checks.py", "config/prepare.py", "config/postgres"]
    return sorted(str(p.relative_to(ROOT)) for p in places if p.suffix or any(p.rglob("*.py"))) + started


def run_checks(more: Iterable[tuple[str, list[str]]] = ()) -> list[str]:
    """Run all static checks and `more`, two at a time, each with its seconds; the names of those that failed."""

    def one(command: list[str]) -> tuple[int, str, float]:
        began = time.monotonic()
        result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        return result.returncode, result.stdout + result.stderr, time.monotonic() - began

    checks = [*more, *static_checks()]
    failed = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = pool.map(one, [command for _, command in checks])
        for (name, command), (code, output, seconds) in zip(checks, results, strict=True):
            say(f"{name:11} {'FAILED' if code else 'ok':6} {seconds:5.1f} s")
            if code:
                failed.append(name)
                short = " ".join(command).replace(str(VENV / "bin") + "/", "").replace(str(ROOT) + "/", "")
                print("    $ " + short, *output.strip().splitlines(), sep="\n    ", flush=True)
    return failed


def check() -> int:
    """`make check`: 0 when every static check passes."""
    _begin()
    return _verdict(run_checks())


def test() -> int:
    """`make test`: checks, tests with the embedded database, a few with a real server if one is at hand."""
    _begin()
    os.environ["CHROMIUM"] = find_browser()
    # What all processes of the tests read is made beside the checks, once: catalogues, tables, compiled modules.
    made = {
        "translate": ["manage.py", "catalogue"],
        "migrate": ["-m", "tests.migrated"],
        "collect": ["-m", "pytest", "-q", "--collect-only"],
    }
    failed = run_checks((name, [str(PYTHON), *words]) for name, words in made.items())
    say("tests with the embedded database")
    embedded = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    with ThreadPoolExecutor(max_workers=1) as pool:
        real = pool.submit(_test_real)  # one process, much of whose time is waiting for its server
        try:
            if _pytest(["-n", PROCESSES, "--dist", "worksteal"], embedded):
                failed.append("tests")
        finally:
            subprocess.run([PYTHON, "-m", "config.postgres", "stop"], cwd=ROOT, env=embedded)
        code, output = real.result()
    say(output)
    if code:
        failed.append("tests with a real server")
    return _verdict(failed)


def _begin() -> None:
    """The environment of everything below: packages, a var folder that is never that of `make run`, its secret key."""
    install(dev=True)
    var = Path(os.environ["VAR_DIR"]).resolve() if os.environ.get("VAR_DIR") else ROOT / "var" / "test"
    var.mkdir(parents=True, exist_ok=True)
    os.environ["VAR_DIR"] = str(var)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else each of hundreds of processes compiles all modules again
    os.environ["SECRET_KEY"] = environment(8000)["SECRET_KEY"]  # once, not by each of the parallel processes


def _verdict(failed: list[str]) -> int:
    say(f"failed: {', '.join(failed)}" if failed else "all passed")
    return 1 if failed else 0


def _pytest(options: list[str], environment: dict[str, str]) -> int:
    return subprocess.run([PYTHON, "-m", "pytest", "-q", *options], cwd=ROOT, env=environment).returncode


# --- the database server of the system ----------------------------------------------------------------------------


def real_server() -> Path | None:
    """The bin folder of the newest PostgreSQL server of the system, None when there is none or PG_BIN is given."""
    if os.environ.get("PG_BIN"):
        return None
    found = [p.parent for p in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    return max(found, key=lambda p: float(re.sub(r"[^0-9.]", "", p.parent.name) or 0), default=None)


@contextlib.contextmanager
def throwaway_server(bin_dir: Path) -> Iterator[str]:
    """DATABASE_URL of a new, empty server of these binaries, stopped and removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="phoi-hop-real-", dir="/tmp") as folder:
        Path(folder).chmod(0o711)  # root lends the server another identity, which has to get in
        own = {**os.environ, "PG_BIN": str(bin_dir), "VAR_DIR": folder}
        manager = [str(PYTHON), "-m", "config.postgres"]
        started = subprocess.run([*manager, "start"], cwd=ROOT, env=own, capture_output=True, text=True)
        if started.returncode:
            raise LaunchError(f"The server of {bin_dir} could not be started: {started.stderr.strip()}")
        try:
            yield f"postgresql://phoi_hop@{folder.replace('/', '%2F')}%2Fpostgres%2Frun:5432/phoi_hop"
        finally:
            subprocess.run([*manager, "stop"], cwd=ROOT, env=own)


def _test_real() -> tuple[int, str]:
    """The tests marked real_postgres on DATABASE_URL or a throwaway server of the system: (exit code, what was said).

    0 when there is neither, which is said.
    """
    bin_dir = real_server()
    if os.environ.get("DATABASE_URL"):
        code, output = _pytest_marked(dict(os.environ))
        return code, f"tests with the real server of DATABASE_URL\n{output}"
    if bin_dir is None:
        return 0, "tests with a real server: left out, none in /usr/lib/postgresql (DATABASE_URL would name one)"
    with throwaway_server(bin_dir) as url:
        code, output = _pytest_marked({**os.environ, "DATABASE_URL": url})
    return code, f"tests with a real server, {bin_dir}\n{output}"


def _pytest_marked(real: dict[str, str]) -> tuple[int, str]:
    # only the files that name the mark are read: loading all takes longer than these tests
    marked = [
        str(p) for p in sorted((ROOT / "tests").rglob("test_*.py")) if "mark.real_postgres" in p.read_text("utf-8")
    ]
    command = [str(PYTHON), "-m", "pytest", "-q", "-p", "no:xdist", "-m", "real_postgres", *marked]
    result = subprocess.run(command, cwd=ROOT, env=real, capture_output=True, text=True)
    return result.returncode, (result.stdout + result.stderr).strip()


# --- the browser --------------------------------------------------------------------------------------------------


def installed_browser() -> str | None:
    """The path of a Chromium or Chrome, None when there is none."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    return found or (MAC_BROWSER if Path(MAC_BROWSER).exists() else None)


def find_browser() -> str:
    """The browser of the tests, installed with apt when we are root; LaunchError with the command otherwise."""
    found = installed_browser()
    if found:
        return found
    command = install_command("chromium", "chromium", "--cask google-chrome")
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise LaunchError(f"The tests need a browser, and no Chromium or Chrome is installed. Install it: {command}")
    say("installing the browser of the tests (chromium)")
    log = var_dir() / "log" / "apt.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with log.open("w") as out:

        def apt(*words: str) -> int:
            return subprocess.run(["apt-get", *words], env=quiet, stdout=out, stderr=subprocess.STDOUT).returncode

        if apt("install", "-y", "--no-install-recommends", "chromium"):
            apt("update")  # a new machine has no package lists yet
            apt("install", "-y", "--no-install-recommends", "chromium")
        # Vietnamese letters in screenshots; the name differs between releases, and the tests do not depend on it.
        if apt("install", "-y", "--no-install-recommends", "fonts-liberation2"):
            apt("install", "-y", "--no-install-recommends", "fonts-liberation")
    found = installed_browser()
    if found is None:
        raise LaunchError(f"Chromium could not be installed: {tail(log, 3)}\nInstall it by hand: {command}")
    return found


# --- the locks ----------------------------------------------------------------------------------------------------


def lock() -> int:
    """`make lock`: write both locks from requirements*.txt, hashed and without addresses."""
    uv = shutil.which("uv") or shutil.which(str(VENV / "bin" / "uv"))
    if uv is None:
        raise LaunchError(f"The locks are written by uv. Install it with: {PYTHON} -m pip install uv")
    command = [uv, "pip", "compile", "--quiet", "--generate-hashes", "--universal", "--python-version", "3.11"]
    command += ["--no-emit-index-url", "--no-emit-find-links", "--no-header", "--no-annotate"]
    command += ["--build-constraint", "build-constraints.txt"]
    for arguments in (
        ["requirements.txt", "-o", "requirements.lock"],
        ["requirements-dev.txt", "-c", "requirements.lock", "-o", "requirements-dev.lock"],
    ):
        if subprocess.run([*command, *arguments], cwd=ROOT).returncode:
            return 1
        say(f"wrote {arguments[-1]}")
    return 0


if __name__ == "__main__":
    sys.exit("use: make check, make test")
