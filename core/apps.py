"""The core room: people, audit, notices, files, form keys and the page kit; no domain noun."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Configuration of the core room."""

    name = "core"
