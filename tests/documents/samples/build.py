"""Writes the sample documents in `files/` from their sources in `sources/`: python tests/documents/samples/build.py

`sources/<name>.<kind>.txt` becomes `files/<name>.<kind>`, where <kind> is docx, pdf or txt. In a source, a line is a
paragraph, and lines that begin with @ are layout:

    @verbatim          (txt) the rest is the text as it stands
    @wrap 72           (txt) break lines at this width
    @encoding tcvn3    (txt) write it in TCVN3 instead of UTF-8; also utf-16
    @decomposed        (any kind) NFD instead of NFC
    @columns … @end    lines "left | right" of a borderless table: a heading of two bodies, signatures
    @table … @end      lines "cell | cell | cell" of a table with lines; the first is its head
    @center TEXT       a centred bold line
    @right TEXT        an italic line at the right
    @page              a page break

Everything here is invented for the tests; every file says so in its footer. The files are committed, so that tests
need neither python-docx nor typst.
"""

import io
import sys
import textwrap
import unicodedata
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
FOOTER = "Văn bản minh họa (demo): địa danh, cơ quan và tên người là hư cấu."

# Code page of TCVN 5712:1993 (TCVN3, "ABC"); capitals with a tone share the code of the small letter in another font.
_TCVN3 = dict(
    zip(
        "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
        "¡¢£¤¥¦§¨©ª«¬\xad®µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ",
        strict=True,
    )
)


@dataclass
class Part:
    """One piece of a document: kind "paragraph", "center", "right", "page", "columns" or "table"."""

    kind: str
    text: str = ""
    rows: list[list[str]] = field(default_factory=list)


def parse(source: str) -> tuple[dict[str, str], list[Part]]:
    """Options and parts of a source."""
    options: dict[str, str] = {}
    parts: list[Part] = []
    table: Part | None = None
    for line in source.splitlines():
        if table is not None:
            if line.strip() == "@end":
                parts.append(table)
                table = None
            else:
                table.rows.append([cell.strip() for cell in line.split("|")])
        elif line.startswith("@"):
            word, _, rest = line[1:].partition(" ")
            if word in ("columns", "table"):
                table = Part(word)
            elif word in ("center", "right", "page"):
                parts.append(Part(word, rest))
            else:
                options[word] = rest
        elif line.strip():
            parts.append(Part("paragraph", line))
    return options, parts


def as_docx(parts: list[Part]) -> bytes:
    """A Word file; the two halves of `columns` are the cells of one borderless table row."""
    import docx
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm, Pt

    document = docx.Document()
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Times New Roman", Pt(14)
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin, section.right_margin = Cm(3), Cm(2)
    section.footer.paragraphs[0].text = FOOTER
    for part in parts:
        if part.kind == "page":
            document.add_page_break()
        elif part.kind == "columns":
            table = document.add_table(rows=1, cols=2)
            for at, cell in enumerate(table.rows[0].cells):
                lines = [row[at] for row in part.rows if at < len(row) and row[at]]
                cell.paragraphs[0].text = lines[0] if lines else ""
                for line in lines[1:]:
                    cell.add_paragraph(line)
                for paragraph in cell.paragraphs:
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        elif part.kind == "table":
            table = document.add_table(rows=len(part.rows), cols=len(part.rows[0]))
            table.style = "Table Grid"
            for row, cells in zip(table.rows, part.rows, strict=True):
                for cell, text in zip(row.cells, cells, strict=True):
                    cell.text = text
        else:
            paragraph = document.add_paragraph(part.text)
            if part.kind == "center":
                paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
                paragraph.runs[0].bold = True
            elif part.kind == "right":
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
                paragraph.runs[0].italic = True
    stored = io.BytesIO()
    document.save(stored)
    return _same_time(stored.getvalue())


def _same_time(data: bytes) -> bytes:
    """The zip with one fixed time for all members: the same source gives the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != "docProps/thumbnail.jpeg":
                new.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), old.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def as_pdf(parts: list[Part]) -> bytes:
    """A PDF of A4 pages with page numbers above and the footer below."""
    import typst

    lines = [
        '#set page(paper: "a4", margin: (top: 2.2cm, bottom: 2.2cm, left: 3cm, right: 2cm), '
        "header: context align(center, if here().page() > 1 [#here().page()]), "
        f"footer: align(center, text(size: 9pt, [{_escaped(FOOTER)}])))",
        '#set text(font: "Libertinus Serif", size: 13pt, lang: "vi", ligatures: false)',
        "#set par(justify: true)",
        "#set document(date: datetime(year: 2026, month: 1, day: 1))",
    ]
    for part in parts:
        if part.kind == "page":
            lines.append("#pagebreak()")
        elif part.kind == "columns":
            cells = [r" \ ".join(_escaped(row[at]) for row in part.rows if at < len(row) and row[at]) for at in (0, 1)]
            lines.append(f"#grid(columns: (1fr, 1.3fr), gutter: 6pt, align: center, [{cells[0]}], [{cells[1]}])")
        elif part.kind == "table":
            columns = len(part.rows[0])
            wide = max(range(columns), key=lambda at: max(len(row[at]) for row in part.rows))
            shape = ", ".join("2.4fr" if at == wide else "auto" if at == 0 else "1fr" for at in range(columns))
            cells = [f"[{_escaped(cell)}]" for row in part.rows for cell in row]
            lines.append(f"#text(size: 11pt, table(columns: ({shape}), {', '.join(cells)}))")
        elif part.kind == "center":
            lines.append(f"#align(center, strong[{_escaped(part.text)}])")
        elif part.kind == "right":
            lines.append(f"#align(right, emph[{_escaped(part.text)}])")
        else:
            lines.append(f"#par(first-line-indent: 1cm)[{_escaped(part.text)}]\n")
    return typst.compile("\n".join(lines).encode())


def _escaped(text: str) -> str:
    return "".join("\\" + char if char in "\\#$*_`@<>[]~'\"/-=+." else char for char in text)


def as_text(parts: list[Part], options: dict[str, str]) -> bytes:
    """Plain text; the halves of `columns` stand side by side, tables have tabs."""
    lines: list[str] = []
    width = int(options.get("wrap", "0"))
    for part in parts:
        if part.kind == "page":
            lines.append("\f")
        elif part.kind == "columns":
            lines += [f"{row[0]:<38}{row[1] if len(row) > 1 else ''}".rstrip() for row in part.rows]
            lines.append("")
        elif part.kind == "table":
            lines += ["\t".join(row) for row in part.rows]
        else:
            broken = textwrap.wrap(part.text, width, break_long_words=False) if width else [part.text]
            lines += [*broken, ""]
    lines.append(f"({FOOTER})")
    text = "\n".join(lines)
    encoding = options.get("encoding", "utf-8")
    if encoding == "tcvn3":
        return "".join(_TCVN3.get(char, _TCVN3.get(char.lower(), char)) for char in text).encode("latin-1")
    return text.encode(encoding)


def build(source: Path) -> bytes:
    """The bytes of the file that belongs to `source`."""
    text = source.read_text(encoding="utf-8")
    if text.startswith("@verbatim\n"):
        return f"{text.removeprefix('@verbatim' + chr(10))}\n({FOOTER})\n".encode()
    options, parts = parse(text)
    if "decomposed" in options:
        for part in parts:
            part.text = unicodedata.normalize("NFD", part.text)
            part.rows = [[unicodedata.normalize("NFD", cell) for cell in row] for row in part.rows]
    kind = source.name.split(".")[1]
    if kind == "docx":
        return as_docx(parts)
    return as_pdf(parts) if kind == "pdf" else as_text(parts, options)


def main() -> int:
    for source in sorted((HERE / "sources").glob("*.txt")):
        data = build(source)
        (HERE / "files" / source.name.removesuffix(".txt")).write_bytes(data)
        print(f"{source.name.removesuffix('.txt')}: {len(data):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
