"""What the embedded server meets in practice: each on a real server in a folder of its own."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest

from config import postgres
from config.postgres import process, server

ROOT = Path(__file__).resolve().parents[2]
AS_ROOT = os.geteuid() == 0


@pytest.fixture
def folder() -> Iterator[Callable[[str], Path]]:
    """Makes var folders that other users may reach, which pytest's own are not; stops and removes them at the end."""
    base = Path(tempfile.mkdtemp(prefix="phoi-hop-test-", dir="/tmp"))
    base.chmod(0o755)
    made: list[Path] = []

    def make(name: str) -> Path:
        made.append(base / name)
        made[-1].mkdir(parents=True)
        return made[-1]

    yield make
    for var in made:
        postgres.stop(var)
        if postgres.socket_dir(var).parent == Path("/tmp"):
            shutil.rmtree(postgres.socket_dir(var), ignore_errors=True)
    shutil.rmtree(base)


@pytest.fixture(scope="module")
def shared() -> Iterator[Path]:
    """One running server for the tests that only look at it."""
    base = Path(tempfile.mkdtemp(prefix="phoi-hop-test-", dir="/tmp"))
    base.chmod(0o755)
    postgres.ensure(base)
    yield base
    postgres.stop(base)
    shutil.rmtree(base)


@pytest.fixture(scope="module")
def worn() -> Iterator[Path]:
    """One server for the tests that kill, stop or rob it: each begins with ensure()."""
    base = Path(tempfile.mkdtemp(prefix="phoi-hop-test-", dir="/tmp"))
    base.chmod(0o755)
    yield base
    postgres.stop(base)
    shutil.rmtree(base)


@contextlib.contextmanager
def cursor(var: Path) -> Iterator[psycopg2.extensions.cursor]:
    """A cursor of the application's role; every statement is committed by itself."""
    place = postgres.connection(var)
    with contextlib.closing(
        psycopg2.connect(host=place["HOST"], port=place["PORT"], dbname=place["NAME"], user=place["USER"])
    ) as db:
        db.autocommit = True
        with db.cursor() as one:
            yield one


def value(var: Path, sql: str) -> object:
    """The single value of a query."""
    with cursor(var) as one:
        one.execute(sql)
        row = one.fetchone()
    assert row is not None
    return row[0]


def manager(command: str, var: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "VAR_DIR": str(var)}
    return subprocess.Popen(
        [sys.executable, "-m", "config.postgres", command],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def postmaster(var: Path) -> int:
    pid = process.postmaster_pid(var)
    assert pid is not None
    return pid


def owner_of_process(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


# --- what the application gets --------------------------------------------------------------------------------------


def test_role_owns_the_database_and_is_no_superuser(shared: Path) -> None:
    assert value(shared, "SELECT current_user || ' ' || current_database()") == "phoi_hop phoi_hop"
    assert value(shared, "SELECT rolsuper::text || ' ' || rolcreatedb FROM pg_roles WHERE rolname = current_user") == (
        "false true"
    )


def test_role_may_create_the_search_extensions_and_tables(shared: Path) -> None:
    with cursor(shared) as one:
        one.execute("CREATE EXTENSION pg_trgm")
        one.execute("CREATE EXTENSION unaccent")
        one.execute("CREATE TABLE made_by_the_role (id int)")
    assert value(shared, "SELECT unaccent('Đối ngoại')") == "Doi ngoai"


def test_vietnamese_letters_fold_and_pages_have_checksums(shared: Path) -> None:
    assert value(shared, "SELECT lower('ĐƯỜNG ƯỠN Ẵ')") == "đường ưỡn ẵ"
    assert value(shared, "SELECT 'THÁI NGUYÊN' ILIKE '%nguyên'") is True
    assert value(shared, "SELECT current_setting('data_checksums') || current_setting('server_encoding')") == "onUTF8"


def test_no_tcp_port_and_a_socket_folder_for_the_owner_only(shared: Path) -> None:
    assert value(shared, "SELECT current_setting('listen_addresses')") == ""
    assert postgres.socket_dir(shared).stat().st_mode & 0o077 == 0
    assert postgres.data_dir(shared).stat().st_mode & 0o077 == 0


def test_pg_variables_of_the_environment_change_nothing(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "6543")
    monkeypatch.setenv("PGHOST", "db.example.invalid")
    assert postgres.is_up(shared)


def test_ensure_is_nearly_free_when_up(shared: Path) -> None:
    pid = postmaster(shared)
    began = time.monotonic()
    postgres.ensure(shared)
    assert time.monotonic() - began < 1
    assert postmaster(shared) == pid


# --- started twice at once ------------------------------------------------------------------------------------------


def test_three_starters_on_an_empty_folder_all_succeed(folder: Callable[[str], Path]) -> None:
    var = folder("three")
    starters = [manager("start", var) for _ in range(3)]
    ended = [(one.communicate(timeout=60)[0], one.returncode) for one in starters]
    assert ended == [("", 0)] * 3
    assert value(var, "SELECT count(*) FROM pg_database WHERE datname = 'phoi_hop'") == 1


# --- killed ---------------------------------------------------------------------------------------------------------


def test_acknowledged_rows_survive_sigkill(worn: Path) -> None:
    var = worn
    postgres.ensure(var)
    with cursor(var) as one:
        one.execute("CREATE TABLE acknowledged (number int)")
        for number in range(50):
            one.execute("INSERT INTO acknowledged VALUES (%s)", [number])
        os.kill(postmaster(var), signal.SIGKILL)
    postgres.ensure(var)
    assert value(var, "SELECT count(*) FROM acknowledged") == 50


def test_pid_of_a_stranger_is_not_taken_for_the_server(worn: Path) -> None:
    """After a restart of the machine another process has the number that postmaster.pid names."""
    var = worn
    postgres.ensure(var)
    pid = postmaster(var)
    os.kill(pid, signal.SIGKILL)
    stranger = subprocess.Popen(["sleep", "60"], **_like(postgres.home_dir(var)))
    try:
        file = postgres.data_dir(var) / "postmaster.pid"
        file.write_text(file.read_text().replace(str(pid), str(stranger.pid), 1))
        postgres.ensure(var)
        assert postgres.is_up(var)
        assert postmaster(var) != stranger.pid
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_zombie_is_not_taken_for_the_server() -> None:
    zombie = subprocess.Popen(["true"])
    deadline = time.monotonic() + 5
    while " Z " not in Path(f"/proc/{zombie.pid}/stat").read_text() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not process.alive(zombie.pid)
    zombie.wait()


def test_start_that_was_cut_off_leaves_nothing_half_made(folder: Callable[[str], Path]) -> None:
    var = folder("cut")
    half = postgres.home_dir(var) / "data.new"
    half.mkdir(parents=True, mode=0o700)
    (half / "PG_VERSION").write_text("18\n")
    postgres.home_dir(var).chmod(0o700)
    postgres.ensure(var)
    assert postgres.is_up(var)


def test_socket_swept_away_under_a_running_server(worn: Path) -> None:
    var = worn
    postgres.ensure(var)
    for file in postgres.socket_dir(var).iterdir():
        file.unlink()
    assert not postgres.is_up(var)
    postgres.ensure(var)
    assert postgres.is_up(var)


def test_stop_ends_the_server_and_may_be_said_twice(worn: Path) -> None:
    var = worn
    postgres.ensure(var)
    pid = postmaster(var)
    postgres.stop(var)
    postgres.stop(var)
    assert not process.alive(pid)
    assert not postgres.is_up(var)


# --- who runs it ----------------------------------------------------------------------------------------------------


def _like(path: Path) -> dict[str, object]:
    """Popen arguments to be the owner of `path`."""
    return {"user": path.stat().st_uid, "group": path.stat().st_gid, "extra_groups": []} if AS_ROOT else {}


def as_user(name: str, work: Callable[[], object]) -> str:
    """Do `work` in a child process that has become another user; its traceback, "" when all went well.

    Forked, not started anew: the interpreter may lie where that user cannot execute it.
    """
    entry = pwd.getpwnam(name)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        text = ""
        try:
            os.setgroups([])
            os.setgid(entry.pw_gid)
            os.setuid(entry.pw_uid)
            work()
        except BaseException:
            text = traceback.format_exc()
        os.write(writer, text.encode()[:60000])
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as stream:
        text = stream.read()
    os.waitpid(child, 0)
    return text


@pytest.mark.skipif(not AS_ROOT, reason="needs root: as a plain user the other half is tested")
def test_root_lends_the_server_an_unprivileged_user(shared: Path) -> None:
    owner = owner_of_process(postmaster(shared))
    assert owner != 0
    assert owner == postgres.data_dir(shared).stat().st_uid


@pytest.mark.skipif(not AS_ROOT, reason="needs root: as a plain user the other half is tested")
def test_root_below_a_folder_that_nobody_else_may_enter(folder: Callable[[str], Path]) -> None:
    """It works in a user namespace, or, where the system forbids those, says what to do; it never opens the folder."""
    var = folder("closed/var")
    var.parent.chmod(0o700)
    try:
        postgres.ensure(var)
    except postgres.EmbeddedPostgresError as error:
        assert "ordinary user" in str(error)
    else:
        assert postgres.is_up(var)
        assert postgres.data_dir(var).stat().st_uid == 0
    assert var.parent.stat().st_mode & 0o777 == 0o700


def test_plain_user_runs_it_as_themselves(folder: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    var = folder("plain")
    if not AS_ROOT:
        postgres.ensure(var)
        assert owner_of_process(postmaster(var)) == os.geteuid()
        return
    nobody = pwd.getpwnam("nobody")
    os.chown(var, nobody.pw_uid, nobody.pw_gid)
    if "PG_BIN" not in os.environ and as_user("nobody", lambda: postgres.binaries().stat()):
        # The environment lies below root's home: give the plain user binaries that it can reach.
        package = postgres.binaries().parent.parent
        for source in (package, package.with_suffix(".libs")):
            shutil.copytree(source, var.parent / source.name, symlinks=True)
        monkeypatch.setenv("PG_BIN", str(var.parent / package.name / "pginstall" / "bin"))
    told = as_user("nobody", lambda: postgres.ensure(var))
    assert told == "", told
    assert owner_of_process(postmaster(var)) == nobody.pw_uid
    assert postgres.is_up(var)  # and root reaches it, too
    assert as_user("nobody", lambda: postgres.stop(var)) == ""
    assert not postgres.is_up(var)
    postgres.ensure(var)  # root takes the same folder as the same user
    assert postgres.data_dir(var).stat().st_uid == nobody.pw_uid


@pytest.mark.skipif(not AS_ROOT, reason="needs a second user")
def test_plain_user_is_told_whose_database_it_is(folder: Callable[[str], Path]) -> None:
    var = folder("foreign")
    var.chmod(0o777)
    home = postgres.home_dir(var)
    home.mkdir(mode=0o700)
    os.chown(home, pwd.getpwnam("nobody").pw_uid, -1)
    told = as_user("daemon", lambda: postgres.ensure(var))
    assert "EmbeddedPostgresError" in told
    assert "belongs to" in told
    assert "VAR_DIR=" in told


def test_lock_of_another_user_is_explained(folder: Callable[[str], Path]) -> None:
    if not AS_ROOT:
        pytest.skip("needs a second user")
    var = folder("locked")
    told = as_user("nobody", lambda: postgres.ensure(var))
    assert "EmbeddedPostgresError" in told
    assert "made by another user" in told


# --- paths and versions ---------------------------------------------------------------------------------------------


def test_path_longer_than_a_socket_name_allows(folder: Callable[[str], Path]) -> None:
    var = folder("Mặt trận Tổ quốc, bản 'sao' của \"$HOME\" " + "x" * 90)
    assert len(os.fsencode(f"{postgres.home_dir(var)}/run/.s.PGSQL.5432")) > 107
    socket = postgres.socket_dir(var) / ".s.PGSQL.5432"
    assert len(os.fsencode(socket)) <= 107
    postgres.ensure(var)
    assert postgres.is_up(var)
    assert socket.parent.stat().st_mode & 0o077 == 0


def test_path_with_a_comma_gets_a_short_socket_folder() -> None:
    """The driver takes a comma for the end of the host."""
    assert postgres.socket_dir(Path("/srv/a,b")).parent == Path("/tmp")
    assert postgres.socket_dir(Path("/srv/ab")) == Path("/srv/ab/postgres/run")


def test_socket_folder_laid_by_somebody_else_is_refused(folder: Callable[[str], Path], tmp_path: Path) -> None:
    var = folder("y" * 120)
    postgres.socket_dir(var).symlink_to(tmp_path)
    try:
        with pytest.raises(postgres.EmbeddedPostgresError, match="Remove it"):
            postgres.ensure(var)
    finally:
        postgres.socket_dir(var).unlink()


def test_other_major_version_is_refused_with_the_way_out(folder: Callable[[str], Path]) -> None:
    var = folder("old")
    data = postgres.data_dir(var)
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("12\n")
    with pytest.raises(postgres.EmbeddedPostgresError) as told:
        postgres.ensure(var)
    assert "written by PostgreSQL 12" in str(told.value)
    assert "pg_dump" in str(told.value)
    assert "pg_restore" in str(told.value)
    assert (data / "PG_VERSION").read_text() == "12\n"
    assert sorted(p.name for p in data.iterdir()) == ["PG_VERSION"]


def test_binaries_that_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BIN", str(tmp_path))
    with pytest.raises(postgres.EmbeddedPostgresError, match="PG_BIN"):
        postgres.binaries()


def test_settings_only_compute(tmp_path: Path) -> None:
    before = list(tmp_path.iterdir())
    place = postgres.connection(tmp_path)
    assert (place["NAME"], place["USER"]) == ("phoi_hop", "phoi_hop")
    assert not postgres.is_up(tmp_path)
    assert list(tmp_path.iterdir()) == before


def test_status_by_hand(shared: Path, tmp_path: Path) -> None:
    up = manager("status", shared)
    assert up.communicate(timeout=20)[0].startswith("up: ")
    down = manager("status", tmp_path)
    assert down.communicate(timeout=20)[0].startswith("down: ")
    assert (up.returncode, down.returncode) == (0, 3)


# --- the memory of the server -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pages", "limit", "buffers"),
    [
        (2**18, None, "128MB"),  # 1 GiB
        (2**20, None, "512MB"),
        (2**20, "max\n", "512MB"),
        (2**20, str(2**31), "256MB"),  # a container of 2 GiB on a machine of 4
        (2**17, str(2**40), "128MB"),
        (2**24, None, "1024MB"),
    ],
)
def test_buffers_are_an_eighth_of_the_memory(
    pages: int, limit: str | None, buffers: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sysconf", {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": pages}.__getitem__)
    monkeypatch.setattr(server, "MEMORY_LIMIT", tmp_path / "memory.max")
    if limit:
        (tmp_path / "memory.max").write_text(limit)
    assert server.buffers() == buffers
