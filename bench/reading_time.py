"""How long reading takes from 10 KB to 2 MB, for a Word file of five pages, and what it costs the calling process.

usage: python -m bench.reading_time
Each number is the median of three runs through the child process, its start included, as an upload pays it.
"""

from __future__ import annotations

import random
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "tests" / "documents" / "samples" / "chuong-trinh.txt"
NEWS = SAMPLE.with_name("tin-ky-ket.txt")
SIZES = (10, 50, 100, 500, 1000, 2000)  # KB
FIVE_PAGES = 12_500  # characters: five pages of 14 points
RUNS = 3


def seconds(act: Callable[[], object]) -> str:
    """The median time of `act` on the clock, in brackets on the processor (without other work of the machine)."""
    clock, processor = [], []
    for _run in range(RUNS):
        started, used = time.perf_counter(), cpu()
        act()
        clock.append(time.perf_counter() - started)
        processor.append(cpu() - used)
    return f"{statistics.median(clock):.2f} ({statistics.median(processor):.2f})"


def cpu() -> float:
    """Seconds of processor that this process and its ended children used."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def peak() -> int:
    """MB that this process held at most since the last reset."""
    status = Path("/proc/self/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) // 1024


def memory(act: Callable[[], object]) -> int:
    """MB that `act` adds to this process at most."""
    Path("/proc/self/clear_refs").write_text("5")
    before = peak()
    act()
    return peak() - before


def outcome(data: bytes, name: str) -> str:
    """What reading a file ends with."""
    from documents.reading import isolated
    from documents.reading.extract import ReadFailure

    try:
        return f"{len(isolated.read_file(data, name).result['blocks'])} blocks"
    except ReadFailure as error:
        return error.code


def main() -> None:
    """Print the tables."""
    from documents.reading import isolated
    from tests.documents.extract import files
    from tests.documents.extract.hostile import HEAVY

    text = SAMPLE.read_text(encoding="utf-8")
    dice = random.Random(1)
    news = NEWS.read_text(encoding="utf-8").split("\n")
    print("| text, KB | as .txt, s (CPU) | as .docx, s (CPU) | memory of the caller, MB |\n|---|---|---|---|")
    for size in SIZES:
        copies = size * 1000 // len("".join(news)) + 1
        # numbered, for a Word file of copies packs too well and is taken for a bomb
        behind = "".join(f"{line} {dice.random()}\n" for _copy in range(copies) for line in news if line)
        long = text + behind[: max(0, size * 780 - len(text))]
        plain, lines = long.encode()[: 2 * 1024 * 1024 - 10], [line for line in long.split("\n") if line.strip()]
        word = files.docx(*(files.par(line) for line in lines))
        taken = seconds(lambda data=plain: outcome(data, "a.txt"))
        as_word, end = seconds(lambda data=word: outcome(data, "a.docx")), outcome(word, "a.docx")
        as_word += "" if end.endswith("blocks") else f" ({end})"
        added = memory(lambda data=plain: outcome(data, "a.txt"))
        print(f"| {len(plain) // 1000} | {taken} | {as_word} | {added} |")

    pages, content, y = [], "", 60.0
    lines = [line for line in (text * 9).split("\n") if line.strip()]
    lines = lines[: next(at for at in range(len(lines)) if sum(map(len, lines[:at])) > FIVE_PAGES)]
    for line in lines:
        if y > 740:
            pages, content, y = [*pages, content], "", 60.0
        made, y = files.flowed(line, y)
        content += made
    five = files.docx(*(files.par(line) for line in lines))
    printed = files.pdf(*pages, content)
    print("\n| five pages | s (CPU) | result |\n|---|---|---|")
    print(f"| DOCX, child included | {seconds(lambda: outcome(five, 'a.docx'))} | {outcome(five, 'a.docx')} |")
    print(f"| PDF, child included | {seconds(lambda: outcome(printed, 'a.pdf'))} | {outcome(printed, 'a.pdf')} |")
    print(f"| pasted, in this process | {seconds(lambda: isolated.read_text(chr(10).join(lines)))} | |")

    print("\n| hostile file | refused as | s | memory of the caller, MB |\n|---|---|---|---|")
    for what, (make, name, _codes) in HEAVY.items():
        data = make()
        started = time.perf_counter()
        found: list[str] = []
        added = memory(lambda data=data, name=name, found=found: found.append(outcome(data, name)))
        print(f"| {what} | {found[0]} | {time.perf_counter() - started:.2f} | {added} |")


if __name__ == "__main__":
    main()
