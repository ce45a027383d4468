"""The entrance: a text or its blocks in; blocks, references and programmes out."""

from dataclasses import replace

from documents.reading.blocks import normalised, split_blocks
from documents.reading.formal import own_number, read_formal
from documents.reading.news import read_news
from documents.reading.references import find_references
from documents.types import Block, ReadResult
from documents.vietnamese import latin_letters


def read_text(text: str) -> ReadResult:
    """What `text` (a pasted document or news item) says. Never fails: what is not understood is not there."""
    return read_blocks(split_blocks(normalised(text)))


def read_blocks(blocks: tuple[Block, ...]) -> ReadResult:
    """What a source says whose blocks are known, from a pasted text or from a file. Never fails."""
    shown, blocks = blocks, tuple(replace(block, text=latin_letters(block.text)) for block in blocks)
    programme = read_formal(blocks)
    return ReadResult(
        blocks=shown,
        references=find_references(blocks, own_number=own_number(blocks)),
        programmes=(programme,) if programme else read_news(blocks),
    )
