"""All settings in one file; what differs between machines comes from the environment, read here and nowhere else.

BASE_URL decides about Secure cookies and HSTS (design.md section 6): https switches them on, plain http is accepted
for loopback, and for a local network only with ALLOW_HTTP=1.
"""

import contextlib
import os
import warnings
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pghistory
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config import postgres

BASE_DIR = Path(__file__).resolve().parent.parent


def env(name: str, default: str = "") -> str:
    """Return the environment variable NAME, or the default where it is unset."""
    return os.environ.get(name, default)


def env_bool(name: str, default: bool = False) -> bool:
    """Read 1/true/yes/on or 0/false/no/off; anything else stops the start rather than being guessed."""
    text = env(name, "1" if default else "0").strip().lower()
    if text not in {"1", "true", "yes", "on", "0", "false", "no", "off", ""}:
        raise ImproperlyConfigured(f"{name}={text!r}: write 1 or 0")
    return text in {"1", "true", "yes", "on"}


def secret_key(var: Path) -> str:
    """Return SECRET_KEY from the environment, or the one `make run` once wrote to var/secret_key (created 0600)."""
    if env("SECRET_KEY"):
        return env("SECRET_KEY")
    path = var / "secret_key"
    if not path.exists():
        import secrets

        var.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f"secret_key.{os.getpid()}")
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)  # the first of two parallel starts wins, and nobody reads half a key
        temporary.unlink()
    return path.read_text().strip()


# What pages read is in memory: with the default price of a random page, each list of a committee reads the programmes
# of the whole country. Compiling a plan (jit) takes longer than any query of a page.
PLANNER = "-c random_page_cost=1.1 -c jit=off -c parallel_setup_cost=10000"


def database(var: Path) -> dict[str, object]:
    """Return Django's DATABASES entry: the server named by DATABASE_URL, else the embedded one below var."""
    base: dict[str, object] = {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,  # a service owns its transaction (docs/decisions/0003)
        "OPTIONS": {"options": PLANNER},
    }
    url = env("DATABASE_URL")
    if not url:
        return base | dict(postgres.connection(var))
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("DATABASE_URL must look like postgresql://user:password@host:5432/name")
    return base | {
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
    }


def mail_settings(url: str, var: Path) -> dict[str, object]:
    """Return Django's settings for EMAIL_URL; {} for an empty one. "file:" keeps mails below var/mail, for development.

    smtp:// asks the server for TLS (STARTTLS); ?tls=0 leaves it out, which is accepted only without a password.
    """
    if not url:
        return {}
    parts = urlsplit(url)
    backends = "django.core.mail.backends"
    if parts.scheme == "file":
        return {"EMAIL_BACKEND": f"{backends}.filebased.EmailBackend", "EMAIL_FILE_PATH": str(var / "mail")}
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": f"{backends}.console.EmailBackend"}
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ImproperlyConfigured("EMAIL_URL must look like smtp://user:password@host:587, or file: or console:")
    ssl, tls = parts.scheme == "smtps", parts.scheme == "smtp" and "tls=0" not in parts.query.split("&")
    if parts.password and not (ssl or tls):
        raise ImproperlyConfigured("EMAIL_URL with tls=0 would send the password readable: leave tls=0 out")
    return {
        "EMAIL_BACKEND": f"{backends}.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if ssl else 587 if tls else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": ssl,
        "EMAIL_USE_TLS": tls,
    }


DEBUG = env_bool("DEBUG")
VAR_DIR = Path(env("VAR_DIR") or BASE_DIR / "var").resolve()
SECRET_KEY = secret_key(VAR_DIR)
EMBEDDED_DATABASE = not env("DATABASE_URL")
KEEP_PLANS = env_bool("KEEP_PLANS", default=True)  # off behind a pooler that shares connections (core.plans)
DATABASES = {"default": database(VAR_DIR)}

BASE_URL = env("BASE_URL") or f"http://127.0.0.1:{env('PORT') or '8000'}"
_base = urlsplit(BASE_URL)
HTTPS = _base.scheme == "https"
if not HTTPS and _base.hostname not in {"127.0.0.1", "localhost", "::1"}:
    if not env_bool("ALLOW_HTTP"):
        raise ImproperlyConfigured(
            f"BASE_URL {BASE_URL} is plain http on a network: passwords would be readable. "
            "Use https, or set ALLOW_HTTP=1 for a trusted local network."
        )
    warnings.warn(f"BASE_URL {BASE_URL} is plain http: use it on a trusted local network only", stacklevel=1)
ALLOWED_HOSTS = [_base.hostname or "127.0.0.1", "127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = [BASE_URL]

INSTALLED_APPS = [
    "insights",
    "activities",
    "agreements",
    "partners",
    "core",
    "crispy_forms",
    "crispy_bootstrap5",
    "pghistory",
    "pgtrigger",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "core.middleware.RequestId",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "core.middleware.Headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "core.middleware.Language",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "core.middleware.Errors",
    "partners.middleware.Rights",
    "core.middleware.OwnDeeds",
    "core.middleware.HistoryContext",
    "core.middleware.OpenedNotices",
    "core.middleware.Release",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
# The rights of every route: a route in none of these tables is refused (default deny) and fails the build.
ROUTE_TABLES = ["core.policy", "partners.policy", "agreements.policy", "activities.policy", "insights.policy"]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "core.context.page",
                "insights.context.house",
            ],
            "builtins": ["core.templatetags.ui", "core.templatetags.format", "django.templatetags.i18n"],
        },
    }
]

CHECK_KEPT_QUERIES = False  # tests: make each kept query again and compare (core.prepared)
AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = ["core.sign_in.Backend"]
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # the username is unique by a constraint on its lower case
LOGIN_URL = "core:session_start"
LOGIN_REDIRECT_URL = "/"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "core.passwords.LengthValidator"},
    {"NAME": "core.passwords.GuessableValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

SESSION_ENGINE = "core.sessions"
SESSION_COOKIE_AGE = 3 * 60 * 60  # idle, trust.md 7.3.1
SESSION_ABSOLUTE_AGE = 12 * 60 * 60  # since sign-in, whatever happened in between
SESSION_TOUCH_EVERY = 5 * 60  # a page view extends the idle time at most this often: one write less a page
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "core.error_views.csrf_failure"
if HTTPS:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    SECURE_SSL_REDIRECT = not env_bool("BEHIND_PROXY")
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env_bool("BEHIND_PROXY") else None
PROXY_HOPS = int(env("PROXY_HOPS", "1" if env_bool("BEHIND_PROXY") else "0"))
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Ho_Chi_Minh"
FORMAT_MODULE_PATH = ["config.formats"]
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder", "config.assets.PackageFinder"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.assets.Storage"},
}
FILES_DIR = VAR_DIR / "files"
UPLOAD_LIMIT = 20 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"
PGHISTORY_APPEND_ONLY = True
PGHISTORY_DEFAULT_TRACKERS = (pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())

# Functions that list and hand over a disabled person's open work, as dotted paths (partners cannot import upwards).
OPEN_ITEMS = ["agreements.services.open_items", "activities.services.open_items"]
HANDOVER = ["agreements.services.hand_over", "activities.services.hand_over"]
# What an id in an address is, so that no mail names what its reader may not open any more (core.mail).
VISIBLE_OBJECTS = {
    "programme": "agreements.Programme",
    "task": "agreements.Task",
    "deadline": "agreements.TaskDeadline",
    "extension": "agreements.Extension",
    "activity": "activities.Activity",
    "measurement": "activities.Measurement",
    "duty": "activities.ReportDuty",
    "report": "activities.ProgressReport",
    "directive": "activities.Directive",
}
# Where decisions are made that can be undone until the person is seen elsewhere.
UNDO_AREA = "/phe-duyet/"
# What a programme's first page shows of a higher room: (programme, user, number) → rows, the latest first.
LATEST_ACTIVITIES = "activities.services.latest_accepted"
# The same for the directives that are not over: (programme, user, number) → rows, the oldest day first.
OPEN_DIRECTIVES = "activities.views.directive_words.open_directives"
# The at-risk flags of a programme, for its first page, from rows which that page has loaded → flags.
PROGRAMME_RISKS = "insights.dashboard.risks.of_programme"
# The program that reads scans: Tesseract with Vietnamese, or one that takes the same arguments. Absent, scans are kept.
OCR_ENGINE = env("OCR_ENGINE", "tesseract")
# Functions (actor or None, programme id) called after the commit of a change of a programme's period, status, parties,
# tasks or milestones: agreements cannot import the rooms above it.
PROGRAMME_CHANGED = ["activities.services.keep_in_step"]
# Commands the timer loop runs, each idempotent under an advisory lock.
TIMER = [
    "keep_due_work",
    "count_due_work",
    "refresh_figures",
    "generate_duties",
    "read_scans",
    "send_reminders",
    "send_mail",
]

# Mail (deploy/README.md): smtp://user:password@host:port, smtps:// for TLS from the start, file: or console: while
# developing; empty = none, and everything works inside the application.
MAIL = mail_settings(env("EMAIL_URL"), VAR_DIR)
MAIL_ON = bool(MAIL)
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
globals().update(MAIL)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env("EMAIL_FROM") or f"phoi-hop@{_base.hostname or 'localhost'}"

# Who to call when a password is lost: there may be no mail server (ux.md 2.1).
HELP_NAME = env("HELP_NAME", "Phạm Văn Đức (demo)")
HELP_PHONE = env("HELP_PHONE", "0208 000 0000")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"secrets": {"()": "core.logs.HideSecrets"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["secrets"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
