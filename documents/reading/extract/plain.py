"""Text files and pasted text → blocks."""

from documents.reading.blocks import normalised, split_blocks
from documents.reading.extract import legacy
from documents.reading.extract.source import Note, ReadFailure, Source
from documents.vietnamese import is_blank_looking, latin_letters

MAX_TEXT = 2 * 1024 * 1024  # bytes of text, as UTF-8
_SHOWN_LINES, _SHOWN_WIDTH = 4, 160


def decode(data: bytes) -> str:
    """The text of a text file: UTF-8, UTF-16 with or without its mark, else the Vietnamese code page of Windows.

    Raises ReadFailure: unknown_kind for bytes that are no text.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _text(data.decode("utf-16", "replace"))
    zeros = data[:4000].count(0)
    if zeros:
        # Latin letters of UTF-16 have a zero byte in every second place
        little, big = data[1:4000:2].count(0), data[0:4000:2].count(0)
        if max(little, big) < 0.3 * min(len(data), 4000) / 2 or min(little, big) > max(little, big) * 0.1:
            raise ReadFailure("unknown_kind", actual="binary")
        return _text(data.decode("utf-16-le" if little > big else "utf-16-be", "replace"))
    try:
        return _text(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        pass
    # fonts of before Unicode use Latin-1, where every byte has a letter; the code page does not
    western = data.decode("latin-1")
    return _text(western if legacy.detect(western) else data.decode("cp1258", "replace"))


def _text(text: str) -> str:
    odd = sum(1 for char in text if char == "\ufffd" or (ord(char) < 32 and char not in "\t\n\r\f\v\x1a"))
    if "\0" in text or odd > max(8, len(text) // 100):
        raise ReadFailure("unknown_kind", actual="binary")
    return text


def read_plain(text: str, *, convert: bool = False) -> Source:
    """The blocks of a text. With `convert` legacy encodings become Unicode, else they are noted.

    Raises ReadFailure: empty, too_large.
    """
    if len(text.encode("utf-8", "replace")) > MAX_TEXT:
        raise ReadFailure("too_large", limit=MAX_TEXT)
    if is_blank_looking(text[:5000]) and is_blank_looking(text):
        raise ReadFailure("empty")
    notes: list[Note] = []
    code = legacy.detect(text)
    if code:
        changed = legacy.convert(text, code)
        notes.append(Note("converted", {"encoding": code}) if convert else legacy_note(code, text, changed))
        text = changed if convert else text
    blocks = split_blocks(normalised(text))
    return Source(blocks, "text", max((block.page for block in blocks), default=1), (*notes, *look_alikes(text)))


def legacy_note(code: str, before: str, after: str) -> Note:
    """The first lines that a conversion would change, as they are and as they would be."""
    pairs = [
        (old, new)
        for old, new in zip(before.split("\n"), after.split("\n"), strict=False)
        if old != new and len(old) > 3
    ][:_SHOWN_LINES]
    return Note(
        code,
        {
            "before": [" ".join(normalised(old).split())[:_SHOWN_WIDTH] for old, _new in pairs],
            "after": [" ".join(normalised(new).split())[:_SHOWN_WIDTH] for _old, new in pairs],
        },
    )


def look_alikes(text: str) -> tuple[Note, ...]:
    """A note if words mix Latin letters with look-alikes of other alphabets, or write Đ as U+00D0."""
    latin = latin_letters(text)
    if latin == text:
        return ()
    at = next(place for place, (old, new) in enumerate(zip(text, latin, strict=True)) if old != new)
    start = text.rfind(" ", 0, at) + 1
    sample = " ".join(text[start : at + 30].split())[:40]
    return (
        Note("look_alike_letters", {"count": sum(a != b for a, b in zip(text, latin, strict=True)), "sample": sample}),
    )
