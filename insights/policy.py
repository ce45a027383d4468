"""Rights of the insights room."""

from core.rights import Route

ROUTES: dict[str, Route] = {}
