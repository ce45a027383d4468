"""Rights of the agreements room."""

from core.rights import Route

ROUTES: dict[str, Route] = {}
