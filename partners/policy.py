"""Rights of the partners room."""

from core.rights import Route

ROUTES: dict[str, Route] = {}
