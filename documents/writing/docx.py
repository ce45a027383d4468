"""A paper as a Word file (DOCX): the few parts that Word asks for, written out, the same bytes for the same paper.

Texts are never markup, and what XML cannot hold is left out. The order of the elements is that of the format (ECMA-376,
part 1): Word refuses a file in which they stand otherwise.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from xml.sax.saxutils import escape, quoteattr

from documents.writing.paper import HEIGHT, WIDTH, Cell, Paper, Paragraph, Rule, Table, Text

MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
HEADER_DISTANCE = 10  # from the upper edge to the page number
CELL_GAP = 1.5  # at the sides of the words in a table with lines


def write(paper: Paper) -> bytes:
    """Return the file."""
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _relations(
            ("officeDocument", "word/document.xml", OFFICE),
            ("metadata/core-properties", "docProps/core.xml", f"{PACKAGE}/relationships"),
        ),
        "docProps/core.xml": _CORE.format(title=_clean(paper.title)),
        "word/document.xml": _document(paper),
        "word/_rels/document.xml.rels": _relations(
            ("styles", "styles.xml", OFFICE), ("settings", "settings.xml", OFFICE), ("header", "header1.xml", OFFICE)
        ),
        "word/styles.xml": _STYLES.format(font=quoteattr(paper.font)),
        "word/settings.xml": _SETTINGS,
        "word/header1.xml": _header(paper),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), _HEAD + text, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _document(paper: Paper) -> str:
    body = "".join(_block(block, paper.text_width) for block in paper.blocks)
    if not paper.blocks or isinstance(paper.blocks[-1], Table):
        body += _paragraph(Paragraph((Text("", 2),)))  # a table must not be the last thing
    margins = paper.margins
    page = (
        f'<w:headerReference w:type="default" r:id="rId3"/><w:pgSz w:w="{_twips(WIDTH)}" w:h="{_twips(HEIGHT)}"/>'
        f'<w:pgMar w:top="{_twips(margins.top)}" w:right="{_twips(margins.right)}" w:bottom="{_twips(margins.bottom)}"'
        f' w:left="{_twips(margins.left)}" w:header="{_twips(HEADER_DISTANCE)}" w:footer="{_twips(HEADER_DISTANCE)}"'
        ' w:gutter="0"/><w:titlePg/>'
    )
    return (
        f'<w:document xmlns:w="{W}" xmlns:r="{OFFICE}"><w:body>{body}<w:sectPr>{page}</w:sectPr></w:body></w:document>'
    )


def _block(block: Paragraph | Rule | Table, width: float) -> str:
    match block:
        case Paragraph():
            return _paragraph(block)
        case Rule():
            return _rule(block, width)
        case Table():
            return _table(block)


def _paragraph(block: Paragraph) -> str:
    line = round(240 * block.spacing)
    keep = "<w:keepNext/>" if block.keeps_next else ""
    spacing = (
        f'<w:spacing w:before="{round(20 * block.before)}" w:after="{round(20 * block.after)}" w:line="{line}"'
        ' w:lineRule="auto"/>'
    )
    indent = f'<w:ind w:firstLine="{_twips(block.first_line)}"/>' if block.first_line else ""
    texts = "".join(map(_text, block.texts))
    return f'<w:p><w:pPr>{keep}{spacing}{indent}<w:jc w:val="{block.align}"/></w:pPr>{texts}</w:p>'


def _text(text: Text) -> str:
    style = ("<w:b/><w:bCs/>" if text.is_bold else "") + ("<w:i/><w:iCs/>" if text.is_italic else "")
    size = f'<w:sz w:val="{round(2 * text.size)}"/><w:szCs w:val="{round(2 * text.size)}"/>'
    lines = _clean(text.words).splitlines() or [""]
    words = "<w:br/>".join(f'<w:t xml:space="preserve">{line}</w:t>' for line in lines)
    return f"<w:r><w:rPr>{style}{size}</w:rPr>{words}</w:r>"


def _rule(block: Rule, width: float) -> str:
    """Return an empty paragraph of one point with a line above it, indented from both sides to leave its length."""
    side = _twips(max(0.0, (width - block.length) / 2))
    return (
        '<w:p><w:pPr><w:pBdr><w:top w:val="single" w:sz="6" w:space="1" w:color="auto"/></w:pBdr>'
        '<w:spacing w:before="40" w:after="0" w:line="20" w:lineRule="exact"/>'
        f'<w:ind w:left="{side}" w:right="{side}"/><w:jc w:val="center"/>'
        '<w:rPr><w:sz w:val="2"/><w:szCs w:val="2"/></w:rPr></w:pPr></w:p>'
    )


def _table(table: Table) -> str:
    gap = CELL_GAP if table.has_lines else 0
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    line = 'w:val="single" w:sz="4" w:space="0" w:color="auto"' if table.has_lines else 'w:val="nil"'
    borders = "".join(f"<w:{side} {line}/>" for side in sides)
    cells = "".join(f'<w:{side} w:w="{_twips(gap)}" w:type="dxa"/>' for side in ("left", "right"))
    look = (
        f'<w:tblPr><w:tblW w:w="{_twips(sum(table.widths))}" w:type="dxa"/><w:tblInd w:w="0" w:type="dxa"/>'
        f'<w:tblBorders>{borders}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        f"<w:tblCellMar>{cells}</w:tblCellMar></w:tblPr>"
    )
    grid = "".join(f'<w:gridCol w:w="{_twips(width)}"/>' for width in table.widths)
    rows = "".join(_row(row, table.widths, gap, is_head=at < table.heads) for at, row in enumerate(table.rows))
    return f"<w:tbl>{look}<w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>"


def _row(row: tuple[Cell, ...], widths: tuple[float, ...], gap: float, *, is_head: bool) -> str:
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{_twips(width)}" w:type="dxa"/></w:tcPr>'
        + "".join(_block(block, width - 2 * gap) for block in cell)
        + "</w:tc>"
        for cell, width in zip(row, widths, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' if is_head else ''}</w:trPr>{cells}</w:tr>"


def _header(paper: Paper) -> str:
    size = round(2 * paper.number_size)
    look = f'<w:rPr><w:sz w:val="{size}"/><w:szCs w:val="{size}"/></w:rPr>'
    number = f'<w:fldSimple w:instr=" PAGE "><w:r>{look}<w:t>2</w:t></w:r></w:fldSimple>'
    return f'<w:hdr xmlns:w="{W}"><w:p><w:pPr><w:jc w:val="center"/></w:pPr>{number}</w:p></w:hdr>'


def _relations(*targets: tuple[str, str, str]) -> str:
    rows = "".join(
        f'<Relationship Id="rId{at}" Type="{base}/{kind}" Target="{target}"/>'
        for at, (kind, target, base) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{rows}</Relationships>'


def _clean(text: str) -> str:
    return escape(NO_XML.sub("", unicodedata.normalize("NFC", text)))


def _twips(millimetres: float) -> int:
    """Return a length in twentieths of a point."""
    return round(millimetres * 1440 / 25.4)


_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PART = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_TYPES = (
    f'<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{_PART}.document.main+xml"/>'
    f'<Override PartName="/word/styles.xml" ContentType="{_PART}.styles+xml"/>'
    f'<Override PartName="/word/settings.xml" ContentType="{_PART}.settings+xml"/>'
    f'<Override PartName="/word/header1.xml" ContentType="{_PART}.header+xml"/>'
    '<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>'
    "</Types>"
)
_CORE = (
    f'<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    "<dc:title>{title}</dc:title><dc:language>vi-VN</dc:language></cp:coreProperties>"
)
_STYLES = (
    f'<w:styles xmlns:w="{W}"><w:docDefaults><w:rPrDefault><w:rPr>'
    "<w:rFonts w:ascii={font} w:eastAsia={font} w:hAnsi={font} w:cs={font}/>"
    '<w:lang w:val="vi-VN" w:eastAsia="vi-VN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>'
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style></w:styles>'
)
_SETTINGS = (  # without it Word opens the file in the mode of 2007
    f'<w:settings xmlns:w="{W}"><w:compat><w:compatSetting w:name="compatibilityMode"'
    ' w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>'
)
