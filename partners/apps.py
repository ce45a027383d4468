"""Configuration of the partners room (see README.md)."""

from django.apps import AppConfig


class PartnersConfig(AppConfig):
    """Configuration of the partners room."""

    name = "partners"
