#!/usr/bin/env python
"""Run a command of Django or Surety. If the command needs the embedded servers, start them first."""

import gc
import os
import sys
import traceback


def print_versions() -> None:
    """Print the versions of Surety and Django. Django itself would print only its own version."""
    from django import get_version

    from assessments.version import VERSION

    print(f"Surety {VERSION} (Django {get_version()})")


def main() -> None:
    # Keep Python's garbage collector off while Django starts. The collector would find almost nothing, and take an
    # eighth of the time of a short command. PortalConfig.ready() switches the collector on.
    gc.disable()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import CommandError, execute_from_command_line
    except ImportError as error:
        sys.exit(f"Could not import Django ({error}). Run `make setup`, then use .venv/bin/python manage.py.")
    from assessments.pipeline_commands import protect_output
    from portal.embedded import EmbeddedServerError
    from portal.management.closed_output import READER_GONE, is_reader_gone
    from portal.management.embedded_servers import failure_status, prepare_command, unreachable_database

    if sys.argv[1:] in (["version"], ["--version"]):
        print_versions()
        return
    protect_output()
    try:
        with prepare_command(sys.argv):
            execute_from_command_line(sys.argv)
    except (EmbeddedServerError, ImproperlyConfigured) as error:
        print(error, file=sys.stderr)
        sys.exit(failure_status(sys.argv))
    except CommandError as error:
        # Django prints the message of a CommandError itself. If the option --traceback is given, Django raises the
        # error again. So show the traceback here.
        traceback.print_exc()
        sys.exit(error.returncode)
    except Exception as error:
        if isinstance(error, BrokenPipeError) and is_reader_gone():
            sys.exit(READER_GONE)
        if message := unreachable_database(error):
            print(message, file=sys.stderr)
        else:
            traceback.print_exc()
        raise SystemExit(failure_status(sys.argv)) from error


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        sys.exit(130)
