"""`.ci/uv` downloads only the pinned uv, and pip compares its hash."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from portal.settings.env import BASE_DIR

# A Python that writes down the arguments of pip. `-m venv FOLDER` creates a copy of it, or fails without the module.
FAKE = """#!/bin/sh
case "$*" in
"-m venv "*) {venv} mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
"-m pip "*) echo "$*" >> {calls} ;;
esac
"""


@pytest.mark.parametrize("venv", ["", "exit 1;"])
def test_the_pinned_uv_is_downloaded_with_its_hash(tmp_path: Path, venv: str) -> None:
    programs, calls = tmp_path / "bin", tmp_path / "calls"
    programs.mkdir()
    for name, text in (("python3.14", FAKE.format(venv=venv, calls=calls)), ("uv", "#!/bin/sh\nexit 1\n")):
        (programs / name).write_text(text, encoding="utf-8")
        (programs / name).chmod(0o755)
    env = {"PATH": f"{programs}:{os.environ['PATH']}", "SURETY_HOME": str(tmp_path / "state")}
    done = subprocess.run(
        [BASE_DIR / ".ci" / "uv"], env=env, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    (call,) = calls.read_text(encoding="utf-8").splitlines()
    installed = call.split(" install ")[1].split(" --target ")[0].split()
    assert installed[-3:] == ["--require-hashes", "--requirement", "requirements-uv.txt"]
    assert [word for word in installed if not word.startswith("-")] == ["requirements-uv.txt"]


def test_one_version_of_uv_is_pinned() -> None:
    text = (BASE_DIR / "requirements-uv.txt").read_text(encoding="utf-8")
    assert re.fullmatch(r"uv==[0-9.]+( \\\n    --hash=sha256:[0-9a-f]{64})+\n", text)
