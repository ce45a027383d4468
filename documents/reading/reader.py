"""The entrance: plain text in, blocks, references and programmes out."""

from documents.reading.blocks import normalised, split_blocks
from documents.reading.news import read_news
from documents.reading.references import find_references
from documents.types import ReadResult


def read_text(text: str) -> ReadResult:
    """What `text` (a pasted document or news item) says. Never fails: what is not understood is not there."""
    blocks = split_blocks(normalised(text))
    return ReadResult(blocks=blocks, references=find_references(blocks), programmes=read_news(blocks))
