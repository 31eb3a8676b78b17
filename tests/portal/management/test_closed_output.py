"""Commands end quietly when the program that reads their output has ended."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from portal.settings.env import BASE_DIR

PROGRAM = """
import sys
from portal.management.closed_output import is_reader_gone
try:
    print("x" * 100_000, flush=True)
except BrokenPipeError:
    print(is_reader_gone(), file=sys.stderr)
    print("discarded")
else:
    print(is_reader_gone(), file=sys.stderr)
"""


def run(*arguments: str, home: Path, closed: bool) -> tuple[int, str]:
    """Run a Python program; return its exit status and its error output. If `closed`, nobody reads its output."""
    reader, writer = os.pipe()
    if closed:
        os.close(reader)
    with open(os.devnull, "wb") as devnull:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=BASE_DIR,
            env={**os.environ, "SURETY_HOME": str(home)},
            stdout=writer if closed else devnull,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    os.close(writer)
    if not closed:
        os.close(reader)
    return done.returncode, done.stderr


@pytest.mark.slow(seconds=1)
def test_a_closed_output_is_recognised_and_not_reported_again(tmp_path: Path) -> None:
    assert run("-c", PROGRAM, home=tmp_path, closed=True) == (0, "True\n")
    assert run("-c", PROGRAM, home=tmp_path, closed=False) == (0, "False\n")


@pytest.mark.slow(seconds=1)
def test_a_command_without_reader_shows_no_traceback(tmp_path: Path) -> None:
    status, errors = run("manage.py", "diffsettings", home=tmp_path, closed=True)
    assert (status, errors) == (141, "")
