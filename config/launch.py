"""The commands of the Makefile, run by the system's python3 with nothing installed: `python3 -m config.launch run`.

`run` makes the environment, installs the hashed lock, lets config.prepare bring database, catalogues, assets and demo
data up to date, and serves with gunicorn until Ctrl+C or `make stop`. What was done once is skipped by stamps, so a
restart takes seconds. Only the standard library here, and syntax that an older Python can read: it has to say why it
will not do. Checks and tests are in config/checks.py.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)
STOP_SECONDS = 15
LOG_LIMIT = 10 * 1024 * 1024
WEB = "config.wsgi:application --bind 127.0.0.1:{} --workers 2 --threads 4 --graceful-timeout 10 --no-control-socket"


class LaunchError(RuntimeError):
    """Something a person has to do; the text says what."""


# --- what the person sees -----------------------------------------------------------------------------------------


def say(text: str) -> None:
    """One progress line with the seconds since the command began (shared with the processes it starts)."""
    began = float(os.environ.get("LAUNCH_BEGAN") or time.time())
    print(f"{time.time() - began:6.1f} s  {text}", flush=True)


def install_command(apt: str, dnf: str, brew: str) -> str:
    """The command that installs a package here, by the package manager that is there."""
    sudo = "" if os.geteuid() == 0 else "sudo "
    if shutil.which("apt-get"):
        return f"{sudo}apt-get install -y {apt}"
    if shutil.which("dnf"):
        return f"{sudo}dnf install -y {dnf}"
    if shutil.which("brew"):
        return f"brew install {brew}"
    return f"your system's package manager, package {apt}"


# --- prerequisites, environment, packages -------------------------------------------------------------------------


def check_prerequisites(version: tuple[int, ...] = sys.version_info[:3]) -> None:
    """Raise LaunchError for what is missing, with the command that installs it."""
    if version[:2] < OLDEST:
        found = ".".join(map(str, version[:3]))
        raise LaunchError(
            f"Python 3.11 or newer is needed, this is {found}. Install it with: "
            f"{install_command('python3.11 python3.11-venv', 'python3.11', 'python@3.12')} "
            "and say which one to use: make run PYTHON=python3.11"
        )
    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            number = ".".join(map(str, version[:2]))
            raise LaunchError(
                f"Python's {module} module is missing. Install it with: "
                f"{install_command(f'python3-venv python{number}-venv', 'python3', 'python')}"
            )


def var_dir() -> Path:
    """VAR_DIR, else var/ here: everything that running leaves behind except the environment."""
    return Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve()


def stamp_of(lock: Path) -> str:
    """What an installation depends on, as one line: a change of any of it installs again."""
    digest = hashlib.sha256(lock.read_bytes() + (ROOT / "build-constraints.txt").read_bytes()).hexdigest()
    return f"{digest} {sys.version_info[0]}.{sys.version_info[1]} {VENV.resolve()}"


def install(dev: bool) -> None:
    """Have .venv with the packages of the lock; does nothing when its stamp says so. Raises LaunchError."""
    name = "requirements-dev.lock" if dev else "requirements.lock"
    stamps = {n: VENV / f"installed-{n}" for n in ("requirements.lock", "requirements-dev.lock")}
    wanted = stamp_of(ROOT / name)
    if _usable() and stamps[name].exists() and stamps[name].read_text() == wanted:
        return
    if not _usable():
        if VENV.is_symlink():  # --clear would empty the folder behind it, which others may be using
            raise LaunchError(f"{VENV} is a link to an environment that cannot be used. Remove the link: rm {VENV}")
        say(f"making the environment {VENV.name} with Python {sys.version.split()[0]}")
        result = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True)
        if result.returncode:
            raise LaunchError(f"The environment could not be made: {(result.stderr or result.stdout).strip()[-500:]}")
    _pip_install(ROOT / name)
    # The lock for development holds everything of the other one.
    for each in stamps if dev else (name,):
        stamps[each].write_text(stamp_of(ROOT / each))


def _usable() -> bool:
    """True when .venv runs, was made by this Python version and in this very folder (or that behind a link)."""
    activate = VENV / "bin" / "activate"
    if not PYTHON.exists() or not activate.exists() or str(VENV.resolve()) not in activate.read_text():
        return False
    said = subprocess.run([PYTHON, "-c", "import sys; print(*sys.version_info[:2])"], capture_output=True, text=True)
    return said.stdout.split() == [str(number) for number in sys.version_info[:2]]


def _pip_install(lock: Path) -> None:
    total = sum(1 for line in lock.read_text().splitlines() if "==" in line.split(" ")[0])
    say(f"installing {total} packages (the first time they are downloaded, about 100 MB)")
    log = var_dir() / "log" / "pip.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    # One package builds only with an older setuptools; older and newer pip ask for that in different variables.
    constraint = "build-constraints.txt"  # a relative name, because pip splits these at spaces
    environment = {**os.environ, "PIP_CONSTRAINT": constraint, "PIP_BUILD_CONSTRAINT": constraint, "PIP_USER": "0"}
    # The lock is complete, so pip resolves nothing: older ones ask for the newest release of "coverage[toml]" although
    # the lock names its version, and then refuse it for want of a hash. Modules compile when they are imported.
    command = [str(PYTHON), "-m", "pip", "install", "--require-hashes", "--no-deps", "--no-input"]
    command += ["--no-compile", "--disable-pip-version-check", "--progress-bar", "off", "-r", lock.name]
    seen, last = 0, time.monotonic()
    with log.open("w") as record:
        pip = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for line in pip.stdout or ():
            record.write(line)
            seen += line.startswith("Collecting ")
            if line.startswith("Installing collected"):
                say("  unpacking")
            elif line.startswith("Collecting ") and time.monotonic() - last > 3:
                say(f"  {min(seen, total)} of {total}")
                last = time.monotonic()
    if pip.wait():
        errors = [line for line in log.read_text().splitlines() if line.startswith("ERROR")] or ["pip failed."]
        raise LaunchError(
            f"The packages could not be installed. {errors[0]}\nEverything pip said is in {log}. Without a network "
            "or behind a proxy, set PIP_INDEX_URL or HTTPS_PROXY as for any pip; then run the same command again."
        )


# --- running ------------------------------------------------------------------------------------------------------


def environment(port: int) -> dict[str, str]:
    """The environment of everything that is started: where the data is, which port, the secret key."""
    var = var_dir()
    known = {**os.environ, "VAR_DIR": str(var), "PORT": str(port), "PYTHONUNBUFFERED": "1"}
    if not known.get("SECRET_KEY"):
        path = var / "secret_key"
        with contextlib.suppress(FileExistsError):
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_urlsafe(50))
        known["SECRET_KEY"] = path.read_text().strip()
    return known


def chosen_port() -> int:
    """PORT, else 8000. Raises LaunchError for what is no port."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise LaunchError(f"PORT={text} is not a port. Use a number from 1024 to 65535: make run PORT=8001")
    return int(text)


def free(port: int) -> bool:
    """True when 127.0.0.1:port can be bound."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def state_file() -> Path:
    """Where `run` notes the address and the processes it started, for `stop` and for a second `run`."""
    return var_dir() / "run.json"


def running() -> dict | None:
    """What `run` noted, if its web server still lives; None otherwise."""
    try:
        state = json.loads(state_file().read_text())
    except (OSError, ValueError):
        return None
    return state if is_ours(state["pids"]["web"], "gunicorn") else None


def is_ours(pid: int, word: str) -> bool:
    """True when the process lives and its command line holds `word`: numbers of dead processes are given again."""
    try:
        line = (Path("/proc") / str(pid) / "cmdline").read_bytes().decode(errors="replace")
    except OSError:
        if Path("/proc/self").exists():
            return False
        shown = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True)
        line = shown.stdout
    return word in line


def run() -> int:
    """`make run`: returns after Ctrl+C or `make stop` (0), or when something went wrong (raises LaunchError)."""
    port = chosen_port()
    var = var_dir()
    (var / "log").mkdir(parents=True, exist_ok=True)
    with (var / "run.lock").open("a") as lock:
        state = running()
        if state:
            return _already(state)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            state = running()
            if state:
                return _already(state)
            raise LaunchError("It is being started in another window: wait for the address there.") from None
        if not free(port):
            other = next((p for p in range(port + 1, port + 50) if free(p)), port + 1)
            raise LaunchError(f"Port {port} is used by another program. Use another one: make run PORT={other}")
        install(dev=False)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _interrupt)
        children: dict[str, subprocess.Popen] = {}
        try:
            return _serve(port, environment(port), children)
        except KeyboardInterrupt:
            print(flush=True)
            return 0
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl+C must not leave the database running
            say("stopping")
            end_processes({name: child.pid for name, child in children.items()}, children)
            stop_database()
            state_file().unlink(missing_ok=True)
            say("stopped; the data is kept")


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _already(state: dict) -> int:
    print(f"Phối Hợp is already running: {state['address']}\nmake stop stops it.")
    return 0


def _serve(port: int, known: dict[str, str], children: dict[str, subprocess.Popen]) -> int:
    address = f"http://127.0.0.1:{port}/"
    prepared = subprocess.run([PYTHON, "-m", "config.prepare"], cwd=ROOT, env=known)
    if prepared.returncode:
        raise LaunchError("It was not started, for the reason above.")
    say("starting the web server")
    children["web"] = _start("web", ["-m", "gunicorn", *WEB.format(port).split()], known)
    if (ROOT / "core" / "management" / "commands" / "timer.py").exists():
        children["timer"] = _start("timer", ["manage.py", "timer"], known)
    pids = {name: child.pid for name, child in children.items()}
    state_file().write_text(json.dumps({"address": address, "port": port, "pids": pids}))
    wait_for(address, children["web"])
    say("ready")
    print(f"\n  Phối Hợp: {address}\n{accounts_text(known)}\n  Ctrl+C here, or make stop, stops it.\n", flush=True)
    while children["web"].poll() is None:
        time.sleep(0.2)
    if not state_file().exists():  # make stop takes it away first
        return 0
    raise LaunchError(f"The web server ended by itself. The end of {log_file('web')}:\n{tail(log_file('web'))}")


def log_file(name: str) -> Path:
    """The log of one of the processes: web or timer."""
    return var_dir() / "log" / f"{name}.log"


def tail(path: Path, lines: int = 15) -> str:
    """The last lines of a log."""
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""


def _start(name: str, arguments: list[str], known: dict[str, str]) -> subprocess.Popen:
    """Start a process of its own session (Ctrl+C reaches only us, and we stop it in order), with its log."""
    log = log_file(name)
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))
    with log.open("a") as out:
        return subprocess.Popen(
            [str(PYTHON), *arguments], cwd=ROOT, env=known, stdin=subprocess.DEVNULL, stdout=out,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip


def wait_for(address: str, web: subprocess.Popen, seconds: float = 60) -> None:
    """Return when the address answers without a server error; raise LaunchError with the log otherwise."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + seconds
    problem = "no answer"
    while time.monotonic() < deadline and web.poll() is None:
        try:
            with opener.open(address, timeout=10):
                return
        except urllib.error.HTTPError as error:
            if error.code < 500:
                return
            problem = f"answer {error.code}"
            break
        except OSError:
            time.sleep(0.05)
    raise LaunchError(
        f"The web server did not start ({problem}). The end of {log_file('web')}:\n{tail(log_file('web'))}"
    )


def accounts_text(known: dict[str, str]) -> str:
    """The demo accounts that config.prepare left in var/accounts.json, as lines for the screen; "" without any."""
    try:
        accounts = json.loads((Path(known["VAR_DIR"]) / "accounts.json").read_text())
    except (OSError, ValueError):
        return ""
    rows = [[str(account.get(key, "")) for key in ("username", "password", "name", "title")] for account in accounts]
    widths = [max(map(len, column)) for column in zip(*rows)]  # noqa: B905 - equally long, and strict= is newer
    lines = ["    " + "  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    return "\n".join(["", "  Demo accounts (user name, password, who):", *lines, ""]) if lines else ""


# --- stopping -----------------------------------------------------------------------------------------------------


def end_processes(pids: dict[str, int], children: dict[str, subprocess.Popen] | None = None) -> None:
    """End them in order, gently, then by force after STOP_SECONDS."""
    words = {"web": "gunicorn", "timer": "manage.py"}

    def lives(name: str) -> bool:
        if children and name in children:
            return children[name].poll() is None
        return is_ours(pids[name], words.get(name, name))

    for number in (signal.SIGTERM, signal.SIGKILL):
        for name in filter(lives, pids):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pids[name], number) if number == signal.SIGTERM else os.killpg(pids[name], number)
        deadline = time.monotonic() + STOP_SECONDS
        while any(map(lives, pids)) and time.monotonic() < deadline:
            time.sleep(0.05)


def stop_database() -> None:
    """Stop the embedded server; nothing to do with DATABASE_URL or before anything was installed."""
    if not os.environ.get("DATABASE_URL") and PYTHON.exists() and (var_dir() / "postgres").exists():
        environment = {**os.environ, "VAR_DIR": str(var_dir())}
        subprocess.run([PYTHON, "-m", "config.postgres", "stop"], cwd=ROOT, env=environment)


def stop() -> int:
    """`make stop`: ends the web server, the timer and the embedded database."""
    state = running()
    state_file().unlink(missing_ok=True)
    if state:
        end_processes(state["pids"])
    stop_database()
    print(f"Stopped {state['address']}; the data is kept." if state else "Nothing was running.")
    return 0


def main(argv: list[str]) -> int:
    """Dispatch one of run, stop, test, check, lock; the exit code is that of the command."""
    from config import checks

    commands = {"run": run, "stop": stop, "test": checks.test, "check": checks.check, "lock": checks.lock}
    if len(argv) != 1 or argv[0] not in commands:
        print(f"usage: python3 -m config.launch {'|'.join(commands)}", file=sys.stderr)
        return 2
    os.environ["LAUNCH_BEGAN"] = str(time.time())
    try:
        check_prerequisites()
        return commands[argv[0]]()
    except LaunchError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
