"""Text in a template that no catalogue can reach."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_BLOCK = re.compile(r"\{%\s*blocktrans(?:late)?\b.*?\{%\s*endblocktrans(?:late)?\s*%\}", re.DOTALL)
_COMMENT = re.compile(r"\{#.*?#\}|\{%\s*comment\b.*?\{%\s*endcomment\s*%\}|<!--.*?-->", re.DOTALL)
_CLASS_BLOCK = re.compile(r"\{%\s*block \w*class\s*%\}.*?\{%\s*endblock", re.DOTALL)
_TAG = re.compile(r"\{[{%].*?[%}]\}", re.DOTALL)
_ATTRIBUTE = re.compile(r"\b(?:title|alt|placeholder|aria-label)=\"([^\"]*)\"")
_MARKUP = re.compile(r"<[^>]*>", re.DOTALL)
# Names and signs that read the same in every language.
_SAME = {
    "Phối Hợp",
    "VI",
    "EN",
    "Tiếng Việt",
    "English",
    "EN, English",
    "VI, Tiếng Việt",
    "demo",
    "SHA-256",
    "XLSX",
    "PDF",
    "DOCX",
    "JPG",
    "PNG",
}


def bare_text(path: Path) -> list[str]:
    """Return the words of a template that stand outside translation tags, attributes that are read aloud included."""
    source = _CLASS_BLOCK.sub("{%", _COMMENT.sub("", path.read_text(encoding="utf-8")))
    source = _TAG.sub("\x00", _BLOCK.sub("\x00", source))
    texts = [match[1] for match in _ATTRIBUTE.finditer(source)] + _MARKUP.sub("\x00", source).split("\x00")
    found = []
    for text in texts:
        words = re.sub(r"&[a-z#0-9]+;|\x00", " ", text).strip(" \n\t·–—-:;,.()/%…→←›‹+×“”\"'?!")
        if re.search(r"[A-Za-zÀ-ỹ]{2,}", words) and words not in _SAME and "/" not in words.split()[0]:
            found.append(" ".join(words.split()))
    return found
