"""The hook that `make hooks` installs refuses commits whose subject does not have the usual form."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from portal.settings.env import BASE_DIR
from tests.for_each import for_each

SCRIPT = BASE_DIR / ".ci" / "commit_subject.py"


def check(folder: Path, message: str) -> tuple[int, str]:
    file = folder / "COMMIT_EDITMSG"
    file.write_text(message, encoding="utf-8")
    done = subprocess.run([sys.executable, SCRIPT, file], capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


@pytest.mark.slow(seconds=1)
@for_each(
    "message",
    [
        "Return exceptions when the observed value changes",
        "Show “1 day” in the singular" + "y" * 44 + "\n\nA body with a long line: " + "x" * 100 + "\n",
        "Judge AKS nodes\n# Please enter the commit message for your changes.",
        "Judge AKS nodes\n# --- >8 ---\nnot a part of the message",
        "fixup! " + "a" * 72,
        'Revert "' + "A" * 72 + '"',
        "Merge branch 'a-long-name'" + "x" * 60,
        "# git refuses an empty message itself\n",
    ],
)
def test_usual_subjects_are_accepted(tmp_path: Path, message: str) -> None:
    assert check(tmp_path, message) == (0, "")


@for_each(
    ("message", "problem"),
    [
        ("A" * 73, "The subject has 73 characters. Use at most 72"),
        ("Judge AKS nodes.", "ends with a full stop"),
        ("judge AKS nodes", "begins with a small letter"),
        ("Judge AKS nodes\nBecause they are machines.", "The second line is not empty"),
        ("\nJudge AKS nodes.\n", "ends with a full stop"),
    ],
)
def test_other_subjects_are_refused(tmp_path: Path, message: str, problem: str) -> None:
    status, errors = check(tmp_path, message)
    assert (status, problem in errors) == (1, True), errors


@pytest.mark.slow(seconds=3)
def test_git_refuses_the_commit(tmp_path: Path) -> None:
    """Commit in a new repository with the hooks of Surety. No other hook checks these files, so only the hook for the
    subject can refuse the commit.
    """
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / ".ci").symlink_to(BASE_DIR / ".ci")
    (tmp_path / ".pre-commit-config.yaml").symlink_to(BASE_DIR / ".pre-commit-config.yaml")
    (tmp_path / "note.txt").write_text("A note.\n", encoding="utf-8")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        **{
            f"GIT_{role}_{part}": "ada@msp.example"
            for role in ("AUTHOR", "COMMITTER")
            for part in ("NAME", "EMAIL")
        },
    }

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    assert run("git", "init", "-q").returncode == 0
    assert run(".venv/bin/prek", "install").returncode == 0
    assert run("git", "add", "note.txt", ".pre-commit-config.yaml").returncode == 0
    refused = run("git", "commit", "-m", "add a note.")
    assert refused.returncode == 1
    assert "The subject begins with a small letter." in refused.stdout + refused.stderr
    done = run("git", "commit", "-m", "Add a note")
    assert done.returncode == 0, done.stdout + done.stderr
