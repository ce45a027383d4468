"""Errors whose text the user may read."""

from __future__ import annotations

from typing import Any


class DomainError(Exception):
    """A broken rule. `message` is a translated sentence that says what to do; `field` names the form field, if any."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotAllowed(DomainError):
    """The actor has no right to do this in the object's present state; the view answers 403."""


class Stale(DomainError):
    """Somebody saved the record after this form was opened; `current` is the record as it is now."""

    def __init__(self, message: str, *, current: Any) -> None:
        super().__init__(message)
        self.current = current
