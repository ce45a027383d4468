"""The launcher: what a newcomer is told, what is skipped, what is stopped; and one real start and stop."""

import ast
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from config import checks, launch

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty VAR_DIR of its own."""
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    monkeypatch.delenv("SECRET_KEY", raising=False)
    (tmp_path / "log").mkdir()
    return tmp_path


@pytest.fixture
def taken() -> int:
    """A port that somebody else listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


# --- it runs before anything is installed ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["launch", "checks"])
def test_only_the_standard_library_and_old_syntax(name: str) -> None:
    source = (ROOT / "config" / f"{name}.py").read_text()
    tree = ast.parse(source, feature_version=(3, 8))  # an old Python must get as far as saying that it is too old
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    foreign = {m for m in modules if m.split(".")[0] not in sys.stdlib_module_names}
    assert foreign <= {"config", "config.launch"}


def test_old_python_is_told_what_to_install() -> None:
    with pytest.raises(launch.LaunchError, match=r"3\.11 or newer is needed, this is 3\.9\.2.*install.*PYTHON="):
        launch.check_prerequisites((3, 9, 2))


def test_missing_venv_module_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "ensurepip" else object())
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}" if name == "apt-get" else None)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(launch.LaunchError, match="ensurepip.*sudo apt-get install -y python3-venv"):
        launch.check_prerequisites()


def test_this_python_will_do() -> None:
    launch.check_prerequisites()


# --- packages -------------------------------------------------------------------------------------------------------


def pins(text: str) -> dict[str, str]:
    """{name: version} of the lines `name==version`, names as packages compare them."""
    found = re.findall(r"^([A-Za-z0-9_.-]+)==([^ ;\\\n]+)", text, re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found}


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_locks_hold_what_was_chosen_with_hashes_and_without_addresses(name: str) -> None:
    lock = (ROOT / f"{name}.lock").read_text()
    assert pins((ROOT / f"{name}.txt").read_text()).items() <= pins(lock).items()
    assert "://" not in lock
    assert "--index" not in lock
    for entry in re.split(r"\n(?=[^ ])", lock.strip()):
        assert "--hash=sha256:" in entry, entry


def test_the_lock_for_development_holds_the_other_one() -> None:
    run, dev = ((ROOT / f"{name}.lock").read_text() for name in ("requirements", "requirements-dev"))
    assert pins(run).items() <= pins(dev).items()
    assert "psycopg" not in pins(dev)  # Django would silently prefer it to psycopg2


def test_install_is_skipped_until_the_lock_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    (tmp_path / ".venv").mkdir()
    for name in ("requirements.lock", "requirements-dev.lock", "build-constraints.txt"):
        (tmp_path / name).write_text("a==1\n")
    monkeypatch.setattr(launch, "ROOT", tmp_path)
    monkeypatch.setattr(launch, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(launch, "_usable", lambda: True)
    monkeypatch.setattr(launch, "_pip_install", lambda lock: asked.append(lock.name))
    launch.install(dev=False)
    launch.install(dev=False)
    assert asked == ["requirements.lock"]
    launch.install(dev=True)
    launch.install(dev=False)
    assert asked == ["requirements.lock", "requirements-dev.lock"]
    (tmp_path / "requirements.lock").write_text("a==2\n")
    launch.install(dev=False)
    assert asked[2:] == ["requirements.lock"]


def test_failed_install_is_tried_again_next_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".venv").mkdir()
    for name in ("requirements.lock", "build-constraints.txt"):
        (tmp_path / name).write_text("a==1\n")
    monkeypatch.setattr(launch, "ROOT", tmp_path)
    monkeypatch.setattr(launch, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(launch, "_usable", lambda: True)

    def fail(_lock: Path) -> None:
        raise launch.LaunchError("no network")

    monkeypatch.setattr(launch, "_pip_install", fail)
    for _ in range(2):
        with pytest.raises(launch.LaunchError, match="no network"):
            launch.install(dev=False)


def test_environment_that_was_copied_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / "bin" / "activate").write_text("VIRTUAL_ENV=/somewhere/else/.venv\n")
    monkeypatch.setattr(launch, "VENV", tmp_path)
    monkeypatch.setattr(launch, "PYTHON", tmp_path / "bin" / "python")
    assert not launch._usable()
    (tmp_path / "bin" / "activate").write_text(f"VIRTUAL_ENV={tmp_path}\n")
    assert launch._usable()


def test_linked_environment_is_used_and_never_emptied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`venv --clear` follows a link: the environment behind it may be another folder's."""
    real, link = tmp_path / "elsewhere", tmp_path / ".venv"
    (real / "bin").mkdir(parents=True)
    (real / "bin" / "python").symlink_to(sys.executable)
    (real / "bin" / "activate").write_text(f"VIRTUAL_ENV={real}\n")
    link.symlink_to(real)
    for name in ("requirements.lock", "build-constraints.txt"):
        (tmp_path / name).write_text("a==1\n")
    monkeypatch.setattr(launch, "ROOT", tmp_path)
    monkeypatch.setattr(launch, "VENV", link)
    monkeypatch.setattr(launch, "PYTHON", link / "bin" / "python")
    assert launch._usable()
    (real / "bin" / "activate").write_text("VIRTUAL_ENV=/somewhere/else/.venv\n")
    with pytest.raises(launch.LaunchError, match="Remove the link"):
        launch.install(dev=False)
    assert (real / "bin" / "activate").exists()


# --- ports, secrets, processes --------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["abc", "0", "70000", "-1", "80a", "²"])
def test_port_that_is_none_is_explained(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", text)
    with pytest.raises(launch.LaunchError, match="make run PORT=8001"):
        launch.chosen_port()


def test_port_of_another_program_names_a_free_one(var: Path, taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", str(taken))
    with pytest.raises(launch.LaunchError) as told:
        launch.run()
    offered = re.search(r"make run PORT=(\d+)", str(told.value))
    assert offered
    assert launch.free(int(offered[1]))


def test_secret_key_is_made_once_for_the_owner_only(var: Path) -> None:
    first = launch.environment(8000)["SECRET_KEY"]
    assert len(first) >= 50
    assert launch.environment(8000)["SECRET_KEY"] == first
    assert (var / "secret_key").stat().st_mode & 0o777 == 0o600


def test_secret_key_of_the_environment_is_taken(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "given")
    assert launch.environment(8000)["SECRET_KEY"] == "given"
    assert not (var / "secret_key").exists()


def test_stop_leaves_a_stranger_with_the_old_number_alone(var: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        launch.state_file().write_text(json.dumps({"address": "x", "pids": {"web": stranger.pid}}))
        assert launch.stop() == 0
        assert "Nothing was running" in capsys.readouterr().out
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_web_server_that_dies_shows_the_end_of_its_log(var: Path) -> None:
    launch.log_file("web").write_text("first line\nImportError: no such thing\n")
    dead = subprocess.Popen(["false"])
    dead.wait()
    with pytest.raises(launch.LaunchError, match="ImportError: no such thing"):
        launch.wait_for("http://127.0.0.1:1/", dead, seconds=1)


def test_stubborn_process_is_ended_by_force(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "STOP_SECONDS", 0.5)
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); time.sleep(60)"
    stubborn = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True)
    assert stubborn.stdout
    stubborn.stdout.readline()
    launch.end_processes({"web": stubborn.pid}, {"web": stubborn})
    assert stubborn.wait(5) == -signal.SIGKILL
    stubborn.stdout.close()


def test_demo_accounts_are_shown_in_columns(var: Path) -> None:
    (var / "accounts.json").write_text(json.dumps([{"username": "lan", "password": "p"}, {"username": "hoa.bich"}]))
    text = launch.accounts_text({"VAR_DIR": str(var)})
    assert "lan" in text
    assert "hoa.bich" in text
    (var / "accounts.json").write_text("not json")
    assert launch.accounts_text({"VAR_DIR": str(var)}) == ""


# --- make check and make test ---------------------------------------------------------------------------------------


def test_all_checks_run_even_when_one_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    say = [sys.executable, "-c"]
    planned = [("one", [*say, "print('wrong here'); raise SystemExit(3)"]), ("two", [*say, "print('fine')"])]
    monkeypatch.setattr(checks, "static_checks", lambda: planned)
    assert checks.run_checks() == ["one"]
    out = capsys.readouterr().out
    assert re.search(r"one +FAILED", out)
    assert "wrong here" in out
    assert re.search(r"two +ok", out)
    assert "fine" not in out


def test_missing_browser_is_named_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(checks, "installed_browser", lambda: None)
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}" if name == "apt-get" else None)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(launch.LaunchError, match="sudo apt-get install -y chromium"):
        checks.find_browser()


def test_server_of_the_system_is_left_alone_when_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BIN", "/somewhere")
    assert checks.real_server() is None


# --- the whole thing ------------------------------------------------------------------------------------------------


def test_run_serves_and_stop_stops(tmp_path: Path) -> None:
    """As a person does: start, look, start again by mistake, kill the window, stop from another one."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    known = {**os.environ, "VAR_DIR": str(tmp_path), "PORT": str(port), "DEMO": "0"}
    known.pop("DATABASE_URL", None)

    def say(command: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "config.launch", command]
        return subprocess.run(line, cwd=ROOT, env=known, capture_output=True, text=True, timeout=120)

    log = tmp_path / "screen.txt"
    with log.open("w") as screen:
        line = [sys.executable, "-m", "config.launch", "run"]
        window = subprocess.Popen(line, cwd=ROOT, env=known, stdout=screen, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + 150
        while "make stop" not in log.read_text() and window.poll() is None and time.monotonic() < deadline:
            time.sleep(0.2)
        assert f"http://127.0.0.1:{port}/" in log.read_text()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://127.0.0.1:{port}/", timeout=20) as page:
            assert page.status == 200
        again = say("run")
        assert again.returncode == 0
        assert "already running" in again.stdout
        window.kill()
        window.wait()
        assert "already running" in say("run").stdout
        assert f"Stopped http://127.0.0.1:{port}/" in say("stop").stdout
        assert launch.free(port)
        assert not (tmp_path / "postgres" / "data" / "postmaster.pid").exists()
        assert "Nothing was running" in say("stop").stdout
    finally:
        window.kill()
        window.wait()
        say("stop")
