"""Rights of the activities room."""

from core.rights import Route

ROUTES: dict[str, Route] = {}
