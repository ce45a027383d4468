"""DOCX and PDF files written by hand, for tests: exactly the XML and the places that a test is about."""

from __future__ import annotations

import io
import zipfile
import zlib
from xml.sax.saxutils import escape

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_BORDERS = (
    "<w:tblBorders>"
    + "".join(f'<w:{side} w:val="single"/>' for side in ("top", "insideH", "insideV"))
    + "</w:tblBorders>"
)


def run(text: str, properties: str = "") -> str:
    """A run; line breaks of `text` become w:br."""
    inner = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(part)}</w:t>' for part in text.split("\n"))
    return f"<w:r>{'<w:rPr>' + properties + '</w:rPr>' if properties else ''}{inner}</w:r>"


def par(*content: str, properties: str = "") -> str:
    """A paragraph of runs, or of plain texts."""
    runs = "".join(item if item.startswith("<") else run(item) for item in content)
    return f"<w:p>{'<w:pPr>' + properties + '</w:pPr>' if properties else ''}{runs}</w:p>"


def numbered(text: str, level: int = 0, name: int = 1) -> str:
    """A paragraph of a list."""
    return par(text, properties=f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{name}"/></w:numPr>')


def table(rows: list[list[str | list[str]]], *, borders: bool = True) -> str:
    """A table; a cell is a text or a list of paragraphs."""
    made = ""
    for row in rows:
        cells = ((cell if isinstance(cell, list) else [cell]) for cell in row)
        made += (
            "<w:tr>" + "".join("<w:tc>" + "".join(par(text) for text in cell) + "</w:tc>" for cell in cells) + "</w:tr>"
        )
    return f"<w:tbl><w:tblPr>{_BORDERS if borders else ''}</w:tblPr>{made}</w:tbl>"


def level(number: int, form: str, text: str, *, start: int = 1, extra: str = "") -> str:
    """One level of a list."""
    return (
        f'<w:lvl w:ilvl="{number}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{extra}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def numbering(levels: str, lists: str = '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>') -> str:
    """The numbering part with one abstract list."""
    return (
        f'<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="0">{levels}</w:abstractNum>{lists}</w:numbering>'
    )


def part(name: str, inner: str) -> str:
    """Another part, for example the header "hdr"."""
    return f'<w:{name} xmlns:w="{W}">{inner}</w:{name}>'


def docx(*body: str, parts: dict[str, str | bytes] | None = None, types: str = _TYPES) -> bytes:
    """A DOCX with that body; `parts` are further files of the archive, or replace its own."""
    namespaces = (
        f'xmlns:w="{W}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    )
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": types,
        "word/document.xml": f"<w:document {namespaces}><w:body>{''.join(body)}</w:body></w:document>",
    } | (parts or {})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


# ------------------------------------------------------------------------------------------------------ PDF

WIDE, HIGH = 595, 842
SIZE = 13.0


def width_of(text: str, size: float = SIZE) -> float:
    """How wide a text is in the font of these files: every letter is half as wide as it is high."""
    return len(text) * size * 0.5


def text_at(x: float, y: float, text: str, size: float = SIZE) -> str:
    """Page content: a text with its base line `y` points below the upper edge."""
    codes = "".join(f"{ord(char):04x}" for char in text)
    return f"BT /F1 {size} Tf {x:.1f} {HIGH - y:.1f} Td <{codes}> Tj ET\n"


def centred(x0: float, x1: float, y: float, text: str, size: float = SIZE) -> str:
    """A text in the middle between two places."""
    return text_at((x0 + x1 - width_of(text, size)) / 2, y, text, size)


def line_from(x0: float, y0: float, x1: float, y1: float) -> str:
    """Page content: a drawn line."""
    return f"0.5 w {x0} {HIGH - y0} m {x1} {HIGH - y1} l S\n"


def grid(x: list[float], y: list[float]) -> str:
    """Page content: the lines of a table."""
    return "".join(line_from(x[0], at, x[-1], at) for at in y) + "".join(line_from(at, y[0], at, y[-1]) for at in x)


def flowed(
    text: str, y: float, *, left: float = 85, right: float = 540, indent: float = 0, leading: float = 18
) -> tuple[str, float]:
    """Page content of a paragraph broken to its width, and the base line that follows it."""
    content, line, at = "", "", left + indent
    for word in text.split():
        if at + width_of(f"{line} {word}") > right and line:
            content += text_at(at, y, line)
            y, line, at = y + leading, word, left
        else:
            line = f"{line} {word}".strip()
    return content + text_at(at, y, line), y + leading


def pdf(*pages: str, font: bool = True, extra: str = "", rotate: int = 0) -> bytes:
    """A PDF of these page contents. Without `font` there is no map from letters to Unicode."""
    ranges = "".join(f"<{high:02x}00> <{high:02x}ff> <{high:02x}00>\n" for high in (*range(5), 0x1E, 0x20, 0x22, 0x25))
    unicode_map = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /U def /CMapType 2 def\n"
        f"1 begincodespacerange <0000> <ffff> endcodespacerange\n9 beginbfrange\n{ranges}endbfrange\nendcmap end end"
    ).encode()
    objects: list[bytes] = [
        f"<< /Type /Catalog /Pages 2 0 R {extra} >>".encode(),
        b"",
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Plain /Encoding /Identity-H /DescendantFonts [4 0 R] "
        + (b"/ToUnicode 5 0 R >>" if font else b">>"),
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Plain /CIDSystemInfo << /Registry (Adobe) "
        b"/Ordering (Identity) /Supplement 0 >> /DW 500 /FontDescriptor 6 0 R >>",
        _stream(unicode_map),
        b"<< /Type /FontDescriptor /FontName /Plain /Flags 4 /FontBBox [0 -200 500 900] /Ascent 900 /Descent -200 "
        b"/CapHeight 700 /ItalicAngle 0 /StemV 80 >>",
    ]
    numbers = []
    for content in pages:
        objects.append(_stream(content.encode("latin-1")))
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDE} {HIGH}] /Rotate {rotate} /Contents {len(objects)} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        numbers.append(len(objects))
    kids = " ".join(f"{number} 0 R" for number in numbers)
    objects[1] = f"<< /Type /Pages /Kids [{kids}] /Count {len(numbers)} >>".encode()
    return written(objects)


def _stream(content: bytes) -> bytes:
    packed = zlib.compress(content)
    return b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(packed) + packed + b"\nendstream"


def written(objects: list[bytes], trailer: str = "") -> bytes:
    """A PDF file of numbered objects, the first its catalogue."""
    out, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    table_at = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(
        b"%010d 00000 n \n" % at for at in places
    )
    return out + f"trailer << /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{table_at}\n%%EOF".encode()
