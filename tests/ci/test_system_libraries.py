"""What .ci/system_libraries.py prints and does if a library or program is missing. The tests use a fake apt-get."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable
from dataclasses import replace
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
    """Put a fake apt-get first on PATH. It records its arguments and creates a file for each package."""

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


def dependencies(script: ModuleType, folder: Path) -> list[Any]:
    def dependency(name: str) -> Any:
        is_installed = (folder / f"installed-{name}").exists
        return script.Dependency(name, "a reason", is_installed, name, f"{name}-f", f"{name}-b")

    return [dependency("libone"), dependency("libtwo")]


def test_prints_nothing_when_nothing_is_missing(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(script, "DEPENDENCIES", [])
    script.main([])
    assert capsys.readouterr() == ("", "")


@needs_root
def test_installs_missing_packages_as_root(
    script: ModuleType, apt: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    folder = apt()
    monkeypatch.setattr(script, "DEPENDENCIES", dependencies(script, folder))
    script.main([])
    assert "install -y --no-install-recommends libone libtwo\n" in (folder / "calls").read_text()
    assert "missing" not in capsys.readouterr().err


@needs_root
def test_failed_installation_prints_the_commands(
    script: ModuleType, apt: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    folder = apt(works=False)
    monkeypatch.setattr(script, "DEPENDENCIES", dependencies(script, folder))
    script.main([])
    stderr = capsys.readouterr().err
    assert "libone (a reason): missing, continuing without it\n" in stderr
    assert "libtwo (a reason): missing, continuing without it\n" in stderr
    assert "sudo apt-get install libone libtwo\n" in stderr
    assert "sudo dnf install libone-f libtwo-f\n" in stderr
    assert "brew install libone-b libtwo-b\n" in stderr


def test_missing_package_without_root_prints_the_command(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(script, "apt_prefix", lambda: None)
    monkeypatch.setattr(script, "DEPENDENCIES", dependencies(script, tmp_path)[1:])
    script.main([])
    assert "sudo apt-get install libtwo" in capsys.readouterr().err


def test_browser_is_checked_only_with_its_option(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(script, "DEPENDENCIES", [])
    monkeypatch.setattr(script, "apt_prefix", lambda: None)
    missing = script.Dependency("Chromium", "tests", lambda: False, "chromium", "chromium", "")
    monkeypatch.setattr(script, "browser", lambda: missing)
    monkeypatch.setattr(script, "FOR_TESTS", [replace(missing, name="Java")])
    script.main([])
    assert capsys.readouterr().err == ""
    script.main(["--browser"])
    printed = capsys.readouterr().err
    assert "Chromium" in printed
    assert "Java" in printed


@pytest.mark.parametrize(
    ("installed", "offered", "expected"),
    [
        (True, False, "Chromium headless shell"),
        (False, True, "Chromium headless shell"),
        (False, False, "Chromium"),
    ],
)
def test_the_headless_shell_is_preferred_where_debian_offers_it(
    installed: bool, offered: bool, expected: str, script: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(script, "has_headless_shell", lambda: installed)
    monkeypatch.setattr(script, "apt_offers", lambda package: offered)
    assert script.browser().name == expected


def test_a_complete_chromium_is_enough_where_nothing_can_be_installed(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(script, "has_headless_shell", lambda: False)
    monkeypatch.setattr(script, "has_browser", lambda: True)
    monkeypatch.setattr(script, "apt_prefix", list)
    assert not script.HEADLESS_SHELL.is_installed()
    monkeypatch.setattr(script, "apt_prefix", lambda: None)
    assert script.HEADLESS_SHELL.is_installed()


@pytest.mark.parametrize("has_systemd", [True, False])
def test_an_installed_server_is_not_started(
    has_systemd: bool, script: ModuleType, apt: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the script's precautions, Debian would start nginx on port 80 of the machine that runs `make test`."""
    folder = apt()
    for name in ("systemctl", "service", "update-rc.d"):
        program = folder / "bin" / name
        program.write_text(f'#!/bin/sh\necho "{name} $@" >> "{folder}/calls"\n')
        program.chmod(0o755)
    monkeypatch.setattr(script, "SYSTEMD", folder if has_systemd else folder / "missing")
    script.install([], ["nginx-light"])
    calls = (folder / "calls").read_text().splitlines()
    installed = next(n for n, call in enumerate(calls) if call.endswith("nginx-light"))
    if has_systemd:
        assert "systemctl mask --runtime --quiet nginx" in calls[:installed]
        assert calls[installed + 1 :] == [
            "systemctl unmask --runtime --quiet nginx",
            "systemctl disable --quiet nginx",
        ]
    else:
        assert calls[installed + 1 :] == ["service nginx stop", "update-rc.d nginx disable"]


def test_nginx_for_the_documented_proxy_is_installed_or_its_command_is_printed(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    (nginx,) = (one for one in script.FOR_TESTS if one.name == "nginx")
    assert nginx.debian in script.SERVICES
    monkeypatch.setattr(script, "DEPENDENCIES", [replace(nginx, is_installed=lambda: False)])
    monkeypatch.setattr(script, "apt_prefix", lambda: None)
    script.main([])
    assert "sudo apt-get install nginx-light\n" in capsys.readouterr().err
