"""Mutated and generated files and texts through the reader: each gives a reading or a named failure, none hangs.

usage: python -m bench.fuzz_reading [--count 20000] [--seed 1] [--json]
Workers behind the fence of `documents.reading.fence` read one input after the other and print what came of it; one that
dies is counted as a crash and started again behind the input that killed it. Exit code 1 for any crash or hang.
"""

from __future__ import annotations

import argparse
import collections
import copy
import io
import json
import random
import selectors
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "tests" / "documents" / "samples"
HANG = 12.0  # seconds without an answer
KINDS = ("docx", "docx parts", "docx elements", "pdf", "pdf content", "text", "generated text")


# ------------------------------------------------------------------------------------------------- inputs


def seeds() -> dict[str, list[bytes]]:
    """Whole documents to be damaged, by kind."""
    from tests.documents.extract import files

    texts = [path.read_text(encoding="utf-8") for path in sorted(SAMPLES.glob("*.txt"))]
    lines = [line for text in texts for line in text.split("\n") if line.strip()]
    levels = files.numbering(files.level(0, "upperRoman", "%1.") + files.level(1, "decimal", "%1.%2"))
    word = [
        files.docx(*(files.par(line) for line in lines)),
        files.docx(
            files.table([[lines[:3], lines[3:6]]], borders=False),
            *(files.numbered(line, at % 2) for at, line in enumerate(lines[:20])),
            files.table([["TT", "Nhiệm vụ", "Chủ trì"], *[[str(at), lines[at], "Sở Y tế"] for at in range(10)]]),
            parts={"word/numbering.xml": levels, "word/header1.xml": files.part("hdr", files.par("Trang"))},
        ),
    ]
    content, y = "", 60.0
    for line in lines[:24]:
        made, y = files.flowed(line, y)
        content += made
    content += (
        files.grid([85, 200, 540], [700, 730, 760]) + files.text_at(90, 720, "TT") + files.text_at(210, 720, "Việc")
    )
    encoded = [text.encode(code) for text in texts for code in ("utf-8", "utf-16")]
    return {
        "docx": word,
        "docx parts": word,
        "docx elements": word,
        "pdf": [files.pdf(content, content)],
        "pdf content": [content.encode("latin-1")],
        "text": [*encoded, "Uû ban nh©n d©n tØnh MÆt trËn Tæ quèc ViÖt Nam".encode("latin-1") * 9],
        "generated text": [text.encode() for text in texts],
    }


TOKENS = (
    b"\0", b"\xff\xfe", b"<!DOCTYPE", b"<w:p>", b"</w:p>", b"<w:tbl>", b"<w:tr>", b"<w:tc>", b"&amp;", b"&#x10FFFF;",
    b"]]>", b"obj", b"endobj", b"stream", b"endstream", b"/Kids [2 0 R]", b"99999999999", b"-1", b"<<", b">>", b"[",
    b"Tj", b"Td", b"1e38", b"xref", b"trailer", b"PK\x01\x02", b"PK\x05\x06", b'w:val="999999999"',
)  # fmt: skip
PHRASES = (
    "Căn cứ ", "Quyết định số ", "Chỉ thị ", "15/QĐ-TTg ", "ngày 31/02/2026 ", "ngày 05 tháng 02 năm 2026 ", "của ",
    "về ", "Ủy ban ", "CHƯƠNG TRÌNH PHỐI HỢP\n", "giữa ", "và ", "giai đoạn 2026 - 2030 ", "Điều 1. ", "I. ", "1. ",
    "a) ", "- ", "\n", "\t", ";", ",", "(", ")", "“", "”", "Số: ", "/", "-", "–", "TM. ", "KT. ", "CHỦ TỊCH\n",
    "Nơi nhận:\n", "Sở Y tế ", "500 hộ ", "quý IV/2027 ", "\u0301" * 30, "\u200b", "А", "Ð", "x" * 300, "1" * 200,
    " " * 200, "😀", "\f",
)  # fmt: skip


def damaged(data: bytes, dice: random.Random) -> bytes:
    """`data` with one to eight changes: bytes, lost, doubled or moved pieces, tokens with a meaning, a cut end."""
    made = bytearray(data)
    for _change in range(dice.randint(1, 8)):
        if not made:
            break
        at, size = dice.randrange(len(made)), dice.randint(1, min(2000, len(made)))
        act = dice.randrange(6)
        if act == 0:
            made[at] = dice.randrange(256)
        elif act == 1:
            del made[at : at + size]
        elif act == 2:
            made[at:at] = made[at : at + size] * dice.randint(1, 5)
        elif act == 3:
            made[at:at] = dice.choice(TOKENS)
        elif act == 4:
            made[at : at + 8] = bytes(dice.randrange(256) for _byte in range(8))
        else:
            del made[len(made) - size // 4 :]
    return bytes(made)


def rearranged(part: bytes, dice: random.Random) -> bytes:
    """XML that is still well-formed: elements lost, doubled, moved into others; odd values and texts."""
    root = ElementTree.fromstring(part)
    for _change in range(dice.randint(1, 12)):
        nodes = list(root.iter())
        node, other = dice.choice(nodes), dice.choice(nodes)
        act = dice.randrange(6)
        if act == 0 and len(node):
            node.remove(dice.choice(list(node)))
        elif act == 1 and len(node):
            node.extend([copy.deepcopy(dice.choice(list(node))) for _more in range(dice.randint(1, 20))])
        elif act == 2 and node is not root and len(list(node.iter())) < 300:
            other.append(copy.deepcopy(node))
        elif act == 3 and node.attrib:
            node.set(
                dice.choice(list(node.attrib)),
                dice.choice(("", "-1", "0", "7", "99999999999", "²", "x", "%1%2%9.", "page")),
            )
        elif act == 4:
            node.text = dice.choice(PHRASES) * dice.randint(1, 40)
        else:
            node.tag = other.tag
    return ElementTree.tostring(root)


def input_of(number: int, seed: int, sources: dict[str, list[bytes]]) -> tuple[str, bytes, str]:
    """Kind, bytes and file name of input `number`; the same for the same seed."""
    from tests.documents.extract import files

    dice = random.Random(f"{seed}-{number}")
    kind = KINDS[number % len(KINDS)]
    source = dice.choice(sources[kind])
    if kind in ("docx parts", "docx elements"):
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(source)) as whole, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            names = whole.namelist()
            hit, change = dice.choice(names[1:]), damaged if kind == "docx parts" else rearranged
            for name in names:
                archive.writestr(name, change(whole.read(name), dice) if name == hit else whole.read(name))
        return kind, out.getvalue(), "a.docx"
    if kind == "pdf content":
        return kind, files.pdf(damaged(source, dice).decode("latin-1")), "a.pdf"
    if kind == "generated text":
        pieces = [dice.choice(PHRASES) for _piece in range(dice.randint(1, 400))]
        return kind, "".join(pieces).encode("utf-8", "surrogatepass"), "a.txt"
    return kind, damaged(source, dice), {"docx": "a.docx", "pdf": "a.pdf", "text": "a.txt"}[kind]


# ------------------------------------------------------------------------------------------------- worker


def work(first: int, last: int, seed: int) -> None:
    """Read the inputs and print number, kind, what came of it, and its seconds of CPU; anything unnamed is "crash"."""
    from documents.reading import fence
    from documents.reading.extract import ReadFailure, extract
    from documents.reading.reader import read_blocks

    sources = seeds()
    fence.put_up(cpu_seconds=100_000)
    for number in range(first, last):
        kind, data, name = input_of(number, seed, sources)
        started = time.process_time()
        try:
            read_blocks(extract(data, name, convert=number % 2 == 0).blocks).to_json()
            outcome = "read"
        except ReadFailure as error:
            outcome = error.code
        except MemoryError:
            outcome = "memory"
        except BaseException as error:
            outcome = f"crash {type(error).__name__}: {error}"[:200].replace("\n", " ").replace("\t", " ")
        print(number, kind, outcome, f"{time.process_time() - started:.4f}", sep="\t", flush=True)


def run(count: int, seed: int) -> list[tuple[int, str, str, float]]:
    """All inputs through workers, two at a time; a dead or silent worker leaves a crash or a hang in the list."""
    half = count // 2
    done: list[tuple[int, str, str, float]] = []
    watch = selectors.DefaultSelector()

    def start(first: int, last: int) -> None:
        if first >= last:
            return
        command = [sys.executable, "-m", "bench.fuzz_reading", "--work", str(first), str(last), "--seed", str(seed)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, bufsize=1)
        watch.register(process.stdout, selectors.EVENT_READ, [process, first, last, time.monotonic()])

    start(0, half)
    start(half, count)
    while watch.get_map():
        for key, _events in watch.select(timeout=1):
            process, at, last, _since = key.data
            line = key.fileobj.readline()
            if line:
                number, kind, outcome, seconds = line.rstrip("\n").split("\t")
                done.append((int(number), kind, outcome, float(seconds)))
                key.data[1], key.data[3] = int(number) + 1, time.monotonic()
                continue
            watch.unregister(key.fileobj)
            code = process.wait()
            if at < last:
                done.append((at, KINDS[at % len(KINDS)], f"crash code {code}", 0.0))
                start(at + 1, last)
        for key in list(watch.get_map().values()):
            process, at, last, since = key.data
            if time.monotonic() - since > HANG and process.poll() is None and at < last:
                done.append((at, KINDS[at % len(KINDS)], "hang", HANG))
                watch.unregister(key.fileobj)
                process.kill()
                process.wait()
                start(at + 1, last)
    return done


def main() -> int:
    """Run and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--work", type=int, nargs=2)
    options = parser.parse_args()
    if options.work:
        work(*options.work, options.seed)
        return 0
    started = time.monotonic()
    done = run(options.count, options.seed)
    wrong = [row for row in done if row[2].startswith(("crash", "hang"))]
    if options.json:
        print(json.dumps({"count": len(done), "wrong": wrong, "slowest": max(row[3] for row in done)}))
        return bool(wrong)
    print(f"{len(done)} inputs, seed {options.seed}, {time.monotonic() - started:.0f} s, {len(wrong)} crashes or hangs")
    print("| kind | inputs | read | named failure | slowest, s CPU |\n|---|---|---|---|---|")
    for kind in KINDS:
        rows = [row for row in done if row[1] == kind]
        read = sum(row[2] == "read" for row in rows)
        failed = sum(not row[2].startswith(("crash", "hang", "read")) for row in rows)
        print(f"| {kind} | {len(rows)} | {read} | {failed} | {max((row[3] for row in rows), default=0):.2f} |")
    codes = collections.Counter(row[2] for row in done if row[2] != "read")
    print(", ".join(f"{code} {number}" for code, number in codes.most_common(12)))
    for row in wrong[:20]:
        print(*row)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
