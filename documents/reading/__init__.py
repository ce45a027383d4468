"""Reading of signed documents and of news about them: text → `documents.types.ReadResult`."""

from documents.reading.reader import read_text

__all__ = ["read_text"]
