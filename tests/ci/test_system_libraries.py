"""What the script says and does where something is missing, with an apt-get of our own on PATH."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from portal.settings.env import BASE_DIR

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="installs only as root")


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "system_libraries", BASE_DIR / ".ci" / "system_libraries.py"
    )
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Put an apt-get first on PATH that notes its arguments and "installs" a file per package."""

    def make(*, works: bool = True) -> Path:
        programs = tmp_path / "bin"
        programs.mkdir()
        program = programs / "apt-get"
        install = f'for word in "$@"; do : > "{tmp_path}/installed-$word"; done' if works else "exit 100"
        program.write_text(f'#!/bin/sh\necho "$@" >> "{tmp_path}/calls"\n{install}\n')
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
        return tmp_path

    return make


def parts(script: ModuleType, folder: Path) -> list[Any]:
    def part(name: str, needed: bool) -> Any:
        return script.Part(
            name,
            "a reason",
            (folder / f"installed-{name}").exists,
            name,
            f"{name}-f",
            f"{name}-b",
            needed=needed,
        )

    return [part("libneeded", True), part("libwanted", False)]


def test_nothing_missing_says_nothing(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(script, "PARTS", [])
    assert script.main([]) == 0
    assert capsys.readouterr() == ("", "")


@needs_root
def test_as_root_what_is_missing_is_installed(
    script: ModuleType, apt: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = apt()
    monkeypatch.setattr(script, "PARTS", parts(script, folder))
    assert script.main([]) == 0
    calls = (folder / "calls").read_text()
    assert "install -y --no-install-recommends libneeded\n" in calls
    assert "install -y --no-install-recommends libwanted\n" in calls


@needs_root
def test_a_failed_installation_ends_with_the_commands(
    script: ModuleType, apt: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    folder = apt(works=False)
    monkeypatch.setattr(script, "PARTS", parts(script, folder))
    assert script.main([]) == 1
    said = capsys.readouterr().err
    assert "libneeded (a reason): missing\n" in said
    assert "libwanted (a reason): missing, going on without" in said
    assert "sudo apt-get install libneeded libwanted\n" in said
    assert "sudo dnf install libneeded-f libwanted-f\n" in said
    assert "brew install libneeded-b libwanted-b\n" in said


def test_without_rights_nothing_is_tried(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(script, "installer", lambda: None)
    monkeypatch.setattr(script, "PARTS", parts(script, tmp_path)[1:])
    assert script.main([]) == 0, "what is only wanted must not stop anybody"
    assert "sudo apt-get install libwanted" in capsys.readouterr().err


def test_the_browser_is_asked_for_only_where_it_is_used(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(script, "PARTS", [])
    monkeypatch.setattr(script, "installer", lambda: None)
    missing = script.Part("Chromium", "tests", lambda: False, "chromium", "chromium", "", needed=False)
    monkeypatch.setattr(script, "BROWSER", missing)
    assert script.main([]) == 0
    assert capsys.readouterr().err == ""
    assert script.main(["--browser"]) == 0
    assert "Chromium" in capsys.readouterr().err
