"""Message catalogues without system gettext: what the code says, what the catalogues translate, compiled files.

English is the msgid, Vietnamese the catalogue. Each room has its own locale/vi/LC_MESSAGES/django.po; strings of
templates/<room>/ belong to that room, all other templates to core.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages import extract, mofile, pofile
from django.conf import settings
from django.template import Template, engines
from django.templatetags.i18n import BlockTranslateNode

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOMS = ("core", "partners", "agreements", "activities", "insights")
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
# (context or "", msgid); a plural is its singular
Message = tuple[str, str]

_TRANSLATE = re.compile(r"""\{%\s*trans(?:late)?\s+(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')(.*?)%\}""")
_CONTEXT = re.compile(r"""context\s+["'](.*?)["']""")
_INLINE = re.compile(r"""_\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')\s*\)""")
_TAG = re.compile(r"\{[{%].*?[%}]\}", re.DOTALL)


def used() -> dict[str, dict[Message, str]]:
    """Return per room the messages used, each with the file that uses it."""
    found: dict[str, dict[Message, str]] = {room: {} for room in ROOMS}
    for room in ROOMS:
        for path in sorted((settings.BASE_DIR / room).rglob("*.py")):
            if "migrations" not in path.parts:
                for message in _in_python(path):
                    found[room].setdefault(message, str(path.relative_to(settings.BASE_DIR)))
    for path in sorted((settings.BASE_DIR / "templates").rglob("*")):
        if path.suffix in {".html", ".txt"}:
            for message in _in_template(path):
                found[room_of(path)].setdefault(message, str(path.relative_to(settings.BASE_DIR)))
    return found


def room_of(path: Path) -> str:
    """Return the room whose catalogue holds the strings of a template."""
    parts = path.relative_to(settings.BASE_DIR / "templates").parts
    return next((part for part in parts[:-1] if part in ROOMS), "core")


def _in_python(path: Path) -> Iterator[Message]:
    with path.open("rb") as source:
        for _line, message, _comments, context in extract.extract("python", source, keywords=KEYWORDS):
            text = message[0] if isinstance(message, tuple) else message
            if text:
                yield (context or "", text)


def _in_template(path: Path) -> Iterator[Message]:
    source = path.read_text(encoding="utf-8")
    for match in _TRANSLATE.finditer(source):
        context = _CONTEXT.search(match[3])
        yield (context[1] if context else "", _unescape(match[1] or match[2] or ""))
    for tag in _TAG.finditer(source):
        for match in _INLINE.finditer(tag[0]):
            yield ("", _unescape(match[1] or match[2] or ""))
    if "blocktrans" in source:
        template = Template(source, engine=engines["django"].engine)
        for node in template.nodelist.get_nodes_by_type(BlockTranslateNode):
            context = node.message_context.resolve({}) if node.message_context else ""
            yield (context or "", node.render_token_list(node.singular)[0])


def _unescape(text: str) -> str:
    """Return a template literal as the message Django looks up: it doubles percent signs there."""
    return text.replace('\\"', '"').replace("\\'", "'").replace("%", "%%")


def path_of(room: str) -> Path:
    """Return where a room's Vietnamese catalogue lies."""
    return settings.BASE_DIR / room / "locale" / "vi" / "LC_MESSAGES" / "django.po"


def translated(room: str) -> dict[Message, str]:
    """Return the translations of a room; empty and fuzzy ones are left out."""
    path = path_of(room)
    if not path.exists():
        return {}
    with path.open("rb") as source:
        catalogue = pofile.read_po(source, locale="vi")
    result: dict[Message, str] = {}
    for message in catalogue:
        if not message.id or message.fuzzy:
            continue
        text = message.string[0] if isinstance(message.string, tuple) else message.string
        key = message.id[0] if isinstance(message.id, tuple) else message.id
        if text:
            result[(message.context or "", key)] = text
    return result


def problems() -> list[str]:
    """Return one line for each missing, unused, contradictory or misquoted translation; empty when all is well."""
    found: list[str] = []
    seen: dict[Message, tuple[str, str]] = {}
    for room, messages in used().items():
        known = translated(room)
        for message, where in messages.items():
            if message not in known:
                found.append(f"{room}: no translation of {message[1]!r} ({where})")
        for message, text in known.items():
            if message not in messages:
                found.append(f"{room}: nothing uses {message[1]!r}")
            if _placeholders(message[1]) != _placeholders(text):
                found.append(f"{room}: placeholders differ in {message[1]!r} → {text!r}")
            first = seen.setdefault(message, (room, text))
            if first[1] != text:
                found.append(f"{room}: {message[1]!r} is {text!r} here, {first[1]!r} in {first[0]}")
    return found


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\([a-z_]+\)[sd]|\{[a-z_]*\}", text))


def compile_all() -> int:
    """Write the .mo beside each .po and return how many messages they hold."""
    count = 0
    for room in ROOMS:
        path = path_of(room)
        if not path.exists():
            continue
        with path.open("rb") as source:
            catalogue = pofile.read_po(source, locale="vi")
        temporary = path.with_suffix(".mo.tmp")
        with temporary.open("wb") as target:
            mofile.write_mo(target, catalogue)
        temporary.replace(path.with_suffix(".mo"))
        count += len(catalogue)
    return count
