#!/usr/bin/env python
"""Django's command line for Phối Hợp. The embedded database is started when a command needs one."""

import os
import sys

NEEDS_NO_DATABASE = {"makemessages", "catalogue", "collectstatic", "check", "help", "version"}


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.conf import settings
    from django.core.management import execute_from_command_line

    if len(sys.argv) > 1 and sys.argv[1] not in NEEDS_NO_DATABASE and settings.EMBEDDED_DATABASE:
        from config import postgres

        postgres.ensure(settings.VAR_DIR)
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
