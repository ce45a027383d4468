"""config.settings as other machines start it: what https switches on, and what plain http on a network is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent.parent
NAMES = (
    "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SECURE_SSL_REDIRECT",
    "SECURE_HSTS_SECONDS", "ALLOWED_HOSTS", "SESSION_COOKIE_HTTPONLY", "CSRF_COOKIE_HTTPONLY",
)  # fmt: skip


def read(var: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    """Load the settings in a process of its own and print the values of NAMES as JSON."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    code = f"""
import json
from django.conf import settings
print(json.dumps({{name: getattr(settings, name) for name in {NAMES!r}}}))
"""
    known = {**kept, "DJANGO_SETTINGS_MODULE": "config.settings", "VAR_DIR": str(var), "SECRET_KEY": "x", **changes}
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=known, capture_output=True, text=True)


def test_https_makes_cookies_secure_and_bound_to_the_host(tmp_path: Path) -> None:
    found = json.loads(read(tmp_path, BASE_URL="https://phoihop.example.vn").stdout)
    assert found["SESSION_COOKIE_SECURE"] is found["CSRF_COOKIE_SECURE"] is True
    assert found["SESSION_COOKIE_HTTPONLY"] is found["CSRF_COOKIE_HTTPONLY"] is True
    assert found["SESSION_COOKIE_NAME"] == "__Host-session"
    assert found["CSRF_COOKIE_NAME"] == "__Host-csrf"
    assert found["SECURE_SSL_REDIRECT"] is True
    assert found["SECURE_HSTS_SECONDS"] >= 365 * 24 * 3600
    assert found["ALLOWED_HOSTS"][0] == "phoihop.example.vn"


def test_loopback_works_without_https(tmp_path: Path) -> None:
    found = json.loads(read(tmp_path, PORT="8001").stdout)
    assert found["SESSION_COOKIE_SECURE"] is False
    assert found["SECURE_SSL_REDIRECT"] is False


def test_plain_http_on_a_network_is_refused_unless_said_so(tmp_path: Path) -> None:
    refused = read(tmp_path, BASE_URL="http://10.0.0.5:8000")
    assert refused.returncode != 0
    assert "ALLOW_HTTP=1" in refused.stderr
    assert read(tmp_path, BASE_URL="http://10.0.0.5:8000", ALLOW_HTTP="1").returncode == 0


def test_a_switch_that_is_neither_yes_nor_no_stops_the_start(tmp_path: Path) -> None:
    refused = read(tmp_path, DEBUG="maybe")
    assert "write 1 or 0" in refused.stderr


def mail(**changes: str) -> dict[str, object]:
    """Return what EMAIL_URL becomes."""
    from config.settings import mail_settings

    return mail_settings(changes["url"], Path("/srv/var"))


def test_the_mail_server_is_one_address() -> None:
    assert mail(url="") == {}
    found = mail(url="smtp://phoi-hop:a%2Fb%40c@mail.example.org")
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"], found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (
        "mail.example.org", 587, True, False,
    )  # fmt: skip
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("phoi-hop", "a/b@c")
    found = mail(url="smtps://u:p@mail.example.org:8465")
    assert (found["EMAIL_PORT"], found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (8465, False, True)
    assert mail(url="smtp://127.0.0.1:25?tls=0")["EMAIL_USE_TLS"] is False
    assert mail(url="file:")["EMAIL_FILE_PATH"] == "/srv/var/mail"


@pytest.mark.parametrize("url", ["mail.example.org", "http://mail.example.org", "smtp://", "smtp://u:p@host?tls=0"])
def test_a_mail_address_that_cannot_be_meant_stops_the_start(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL"):
        mail(url=url)
