"""Sessions in the database, read by a query made once: every page begins with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.sessions.backends import db
from django.utils import timezone

from core.plans import kept_plans
from core.prepared import given_moment, given_text, objects_of

if TYPE_CHECKING:
    from django.db.models import QuerySet


class SessionStore(db.SessionStore):
    """Django's own, but for how a session is found."""

    def _get_session_from_db(self) -> Any:
        """Return the row of a session that has not ended; None, and no key any more, where there is none."""
        with kept_plans():
            found = objects_of("session", self._found, key=self.session_key, now=timezone.now())
        if found:
            return found[0]
        self._session_key = None
        return None

    def _found(self) -> QuerySet[Any, Any]:
        return self.model.objects.filter(session_key=given_text("key"), expire_date__gt=given_moment("now"))
