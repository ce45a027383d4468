"""Signing in."""

from django.contrib.auth.backends import BaseBackend

STARTED = "started"


class Backend(BaseBackend):
    """Placeholder until the sign-in work lands."""


def ask(request):
    """Placeholder."""
    raise NotImplementedError
