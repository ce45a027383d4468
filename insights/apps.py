"""Configuration of the insights room (see README.md)."""

from django.apps import AppConfig


class InsightsConfig(AppConfig):
    """Configuration of the insights room."""

    name = "insights"
