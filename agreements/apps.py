"""Configuration of the agreements room (see README.md)."""

from django.apps import AppConfig


class AgreementsConfig(AppConfig):
    """Configuration of the agreements room."""

    name = "agreements"
