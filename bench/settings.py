"""The product's settings and, beside its pages, the floors and Django's admin: for the second server of `make bench`.

The product itself is measured with config.settings; this module is never used by `make run`.
"""

from config import assets
from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS, MIDDLEWARE, ROUTE_TABLES, STORAGES

INSTALLED_APPS = [*INSTALLED_APPS, "django.contrib.admin.apps.SimpleAdminConfig"]
MIDDLEWARE = ["bench.floor.Counted", *MIDDLEWARE]
ROOT_URLCONF = "bench.urls"
ROUTE_TABLES = [*ROUTE_TABLES, "bench.urls"]


class Storage(assets.Storage):
    """The product's static files; those of the admin are named only, because nobody here loads them."""

    def stored_name(self, name: str) -> str:
        """Return the hashed name of a file of the product, the plain one of a file of the admin."""
        return name if name.startswith("admin/") else super().stored_name(name)


STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "bench.settings.Storage"}}
