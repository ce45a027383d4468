"""Configuration of the activities room (see README.md)."""

from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    """Configuration of the activities room."""

    name = "activities"
