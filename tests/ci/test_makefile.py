"""`make clean` deletes the state directory, but no folder that contains the home directory or the clone."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from portal.settings.env import BASE_DIR


def clean(folder: Path, state: Path) -> subprocess.CompletedProcess[str]:
    """Run `make clean` in a clone that has only the Makefile."""
    (folder / "home").mkdir()
    (folder / "src" / "clone").mkdir(parents=True)
    shutil.copy(BASE_DIR / "Makefile", folder / "src" / "clone")
    state.mkdir(exist_ok=True)
    (state / "file").touch()
    return subprocess.run(
        ["make", "--no-print-directory", "clean"],
        cwd=folder / "src" / "clone",
        env={"PATH": os.environ["PATH"], "HOME": str(folder / "home"), "SURETY_HOME": str(state)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("state", ["home/surety", "src/clone/.surety"])
def test_the_state_directory_is_deleted(tmp_path: Path, state: str) -> None:
    done = clean(tmp_path, tmp_path / state)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / state).exists()


@pytest.mark.parametrize("state", ["home", "src", "src/clone", "."])
def test_a_folder_with_the_home_directory_or_the_clone_is_kept(tmp_path: Path, state: str) -> None:
    done = clean(tmp_path, tmp_path / state)
    assert done.returncode != 0
    assert "Nothing was deleted" in done.stderr
    assert (tmp_path / state / "file").exists()
