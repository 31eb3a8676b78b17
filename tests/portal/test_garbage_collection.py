"""Programs turn on garbage collection after their start. The collector skips the objects that the start has created."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from portal.settings.env import BASE_DIR
from tests.fresh import MANAGE, run_fresh

STATE = "print(gc.isenabled(), gc.get_freeze_count() > 50_000)"
# Each of the following programs prints, when its work begins, whether garbage collection is on and objects are frozen.
COMMAND = f"""
import gc
from django.core.management.commands.check import Command
run = Command.handle
def noted(self, *arguments, **options):
    {STATE}
    return run(self, *arguments, **options)
Command.handle = noted
{MANAGE}
"""
INSPECTOR = f"""
import gc, json, sys
sys.path.insert(0, {str(BASE_DIR / "portal" / "reports" / "verification")!r})
import pdf_inspector
pdf_inspector.inspect = lambda data: {STATE}
sys.argv[1:] = ["60", str(2**30)]
pdf_inspector.main()
"""
ARCHIVE = f"""
import gc, sys
sys.path.insert(0, {str(BASE_DIR / "portal" / "reports" / "verification")!r})
import archive_child
def answer():
    {STATE}
import builtins
real = builtins.__import__
def noted(name, *rest):
    module = real(name, *rest)
    if name == "portal.reports.verification.archive_process":
        module.answer = answer
    return module
builtins.__import__ = noted
sys.argv[1:] = ["60", str(2**30), {str(BASE_DIR)!r}]
archive_child.main()
"""
VERIFIER = f"""
import gc, runpy, sys
import argparse
def noted(self, arguments):
    {STATE}
    raise SystemExit(0)
argparse.ArgumentParser.parse_args = noted
runpy.run_path({str(BASE_DIR / "portal" / "reports" / "offline" / "surety_verify.py")!r}, run_name="__main__")
"""


@pytest.mark.slow(seconds=3)
def test_commands_turn_on_garbage_collection(tmp_path: Path) -> None:
    done = run_fresh(COMMAND, ["check"], {"SURETY_HOME": str(tmp_path / "home")})
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == "True True"


@pytest.mark.slow(seconds=2)
@pytest.mark.parametrize("program", [INSPECTOR, ARCHIVE, VERIFIER], ids=["inspector", "archive", "verifier"])
def test_programs_that_read_untrusted_files_turn_on_garbage_collection(program: str) -> None:
    """A hostile file may cause many reference cycles, which only the garbage collector frees."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", program], input="", capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == "True True"
