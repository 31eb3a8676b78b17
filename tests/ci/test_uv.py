"""`.ci/uv` downloads only the pinned uv, and pip compares its hash."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from portal.settings.env import BASE_DIR

# A fake Python. `-m pip` records the arguments, and `-m venv FOLDER` copies the fake Python into the folder. If `venv`
# is `exit 1;`, the command `-m venv` fails, as with a Python that lacks the module venv.
FAKE = """#!/bin/sh
case "$*" in
"-m venv "*) {venv} mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
"-m pip "*) echo "$*" >> {calls} ;;
esac
"""


PINNED = (BASE_DIR / "requirements-uv.txt").read_text(encoding="utf-8").removeprefix("uv==").split()[0]


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def pip_calls(folder: Path, *, venv: str = "") -> list[str]:
    """Run `.ci/uv` without a working uv on PATH, and return the calls of pip."""
    programs, calls = folder / "bin", folder / "calls"
    program(programs / "python3.14", FAKE.format(venv=venv, calls=calls))
    program(programs / "uv", "#!/bin/sh\nexit 1\n")
    env = {"PATH": f"{programs}:{os.environ['PATH']}", "SURETY_HOME": str(folder / "state")}
    done = subprocess.run(
        [BASE_DIR / ".ci" / "uv"], env=env, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(folder / "state" / ".venv-bootstrap" / "bin" / "uv")
    return calls.read_text(encoding="utf-8").splitlines() if calls.exists() else []


@pytest.mark.parametrize("venv", ["", "exit 1;"])
def test_the_pinned_uv_is_downloaded_with_its_hash(tmp_path: Path, venv: str) -> None:
    (call,) = pip_calls(tmp_path, venv=venv)
    installed = call.split(" install ")[1].split(" --target ")[0].split()
    assert installed[-3:] == ["--require-hashes", "--requirement", "requirements-uv.txt"]
    assert [word for word in installed if not word.startswith("-")] == ["requirements-uv.txt"]


@pytest.mark.parametrize(
    ("says", "downloads"),
    [(f"uv {PINNED} (x86_64-linux)", 0), (f"uv {PINNED}", 0), (f"uv {PINNED}1", 1), ("uv 0.1.0", 1)],
)
def test_a_downloaded_uv_of_another_version_is_replaced(tmp_path: Path, says: str, downloads: int) -> None:
    program(tmp_path / "state" / ".venv-bootstrap" / "bin" / "uv", f"#!/bin/sh\necho '{says}'\n")
    assert len(pip_calls(tmp_path)) == downloads


def test_one_version_of_uv_is_pinned() -> None:
    text = (BASE_DIR / "requirements-uv.txt").read_text(encoding="utf-8")
    assert re.fullmatch(r"uv==[0-9.]+( \\\n    --hash=sha256:[0-9a-f]{64})+\n", text)
