"""Settings of the test run: the real ones, with a cheap hasher and static files read in place."""

from config.settings import *  # noqa: F403
from config.settings import DATABASES, PLANNER

# Only the test runner may empty the audit trail (between tests that commit); production never sets this.
DATABASES["default"]["OPTIONS"] = {"options": f"{PLANNER} -c phoi_hop.allow_truncate=on"}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # 300 ms of Argon2 per sign-in prove nothing here
CHECK_KEPT_QUERIES = True
WHITENOISE_AUTOREFRESH = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
LOGGING = {"version": 1, "disable_existing_loggers": False}
