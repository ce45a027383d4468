"""What the log of the application must not hold: the secrets of calendar feeds, which stand in their addresses."""

from __future__ import annotations

import logging
import re

FEED = re.compile(r"(/lich/)[^/\s]+(/)")


class HideSecrets(logging.Filter):
    """Put “…” in place of the secret of a feed, in the message and in what is filled into it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Clean the record; never drops one."""
        record.msg = _clean(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(_clean(value) for value in record.args)
        return True


def _clean(value: object) -> object:
    return FEED.sub(r"\1…\2", value) if isinstance(value, str) else value
