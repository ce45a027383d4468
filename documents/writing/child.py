"""The process that sets a paper: JSON on standard input, PDF on standard output, nothing else in and nothing else out.

`python -m documents.writing.child board FONTS` reads the template beside this file; texts arrive as data and are never
markup. Started by `documents.writing.pdf` only.
"""

import sys
from pathlib import Path
from typing import cast

import typst

from documents.reading import fence

TEMPLATES = frozenset({"board"})
MEMORY = 1024 * 1024 * 1024  # bytes of address space: fonts are mapped, threads have stacks
CPU_SECONDS = 10


def main(arguments: list[str]) -> int:
    """Write the PDF of the named template; the exit code says whether there is one."""
    name, fonts = arguments
    if name not in TEMPLATES:
        return 2
    data = sys.stdin.buffer.read().decode()
    fence.put_up(MEMORY, CPU_SECONDS, threads=True)
    folder = Path(__file__).parent
    wanted = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[fonts])
    compiler = typst.Compiler(str(folder / f"{name}.typ"), root=str(folder), font_paths=wanted)
    sys.stdout.buffer.write(cast(bytes, compiler.compile(format="pdf", sys_inputs={"data": data})))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
