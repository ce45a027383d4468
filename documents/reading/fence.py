"""The fence around a process that opens a stranger's file: memory, time, no new files, no network, no other process."""

import contextlib
import ctypes
import platform
import resource
import struct

MEMORY = 512 * 1024 * 1024  # bytes of address space
CPU_SECONDS = 10
OPEN_FILES = 32

_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2  # prctl: PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050001  # SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO with EPERM
# audit number of the architecture; its numbers of socket, socketpair, clone, fork, vfork, execve, execveat, ptrace,
# io_uring_setup and clone3
CALLS = {
    "x86_64": (0xC000003E, (41, 53, 56, 57, 58, 59, 101, 322, 425, 435)),
    "aarch64": (0xC00000B7, (117, 198, 199, 220, 221, 281, 425, 435)),
}

THREADS = (56, 220, 435)  # clone of both architectures and clone3; 56 and 220 mean nothing else in the lists above


def put_up(memory: int = MEMORY, cpu_seconds: int = CPU_SECONDS, *, threads: bool = False) -> None:
    """Bind this process and all it may start; cannot be taken back. What the system does not offer is left out.

    threads: our own templates are set by a library that starts threads; a stranger's file is never read with them.

    Past `cpu_seconds` the kernel ends the process with SIGXCPU; past `memory` allocations fail.
    """
    for kind, amount in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (amount, amount))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    _refuse_calls(threads=threads)


def _refuse_calls(*, threads: bool = False) -> bool:
    """Let the kernel refuse sockets and new programs (Linux seccomp); False where it cannot."""
    known = CALLS.get(platform.machine())
    if known is None:
        return False
    architecture, calls = known
    calls = tuple(call for call in calls if not (threads and call in THREADS))
    load, equal, answer = 0x20, 0x15, 0x06  # BPF: load word, jump if equal, return
    lines = [(load, 0, 0, 4), (equal, 1, 0, architecture), (answer, 0, 0, _REFUSE), (load, 0, 0, 0)]
    for place, call in enumerate(calls):
        lines.append((equal, len(calls) - place, 0, call))
    lines += [(answer, 0, 0, _ALLOW), (answer, 0, 0, _REFUSE)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in lines))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(lines), ctypes.addressof(code)))
    try:
        control = ctypes.CDLL(None).prctl
        control.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
        if control(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
            return False
        return bool(control(_SECCOMP, _FILTER, ctypes.addressof(program), 0, 0) == 0)
    except (OSError, AttributeError):
        return False
