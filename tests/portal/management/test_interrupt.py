"""Ctrl-C ends a command with one line, even before the command has begun to handle Ctrl-C."""

from __future__ import annotations

from pathlib import Path

from tests.fresh import run_fresh

PROGRAM = """
import runpy, sys
from django.core import management

def interrupted(arguments):
    raise KeyboardInterrupt

management.execute_from_command_line = interrupted
sys.argv[0] = "manage.py"
runpy.run_path("manage.py", run_name="__main__")
"""


def test_an_interrupted_command_shows_no_traceback(tmp_path: Path) -> None:
    done = run_fresh(PROGRAM, ["check"], {"SURETY_HOME": str(tmp_path)})
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "Stopped.\n")
