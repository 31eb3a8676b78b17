"""The commands of README.md run as they are written.

`tests.e2e.test_first_start` checks in a browser that the pages and buttons have the names that README.md states.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests import readme
from tests.sandbox.running import PROJECT, Running


@pytest.mark.slow(seconds=1)
def test_the_sandbox_starts_and_prints_what_to_copy(tmp_path: Path) -> None:
    """Run the commands in a folder with only `.venv` and `sandbox`, which they need. The sandbox uses a free port."""
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "sandbox").symlink_to(PROJECT / "sandbox")
    generate, serve = readme.read().commands
    environment = {**os.environ, "SURETY_HOME": str(tmp_path / "home")}
    subprocess.run(generate, shell=True, cwd=tmp_path, env=environment, check=True)
    with subprocess.Popen(
        [*shlex.split(serve), "--port=0", "--until-eof"],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        line = json.loads(process.stdout.readline())
        (directory,) = line["directories"]
        (client,) = directory["clients"]
        printed = {**line, **directory, **client}
        tenant, url, ca, client_id, secret = (printed[key] for key in readme.read().keys)
        assert Path(ca).read_text().startswith("-----BEGIN CERTIFICATE-----")
        answer = Running.of(line).sign_in(tenant, client_id, f"{url}/.default", client_secret=secret)
        assert answer.json()["access_token"]
        process.communicate()
    assert process.returncode == 0


def _commands_of(target: str) -> list[str]:
    """Return the commands that make would run in an empty clone, where nothing is up to date."""
    done = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "--always-make", target],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def test_make_run_serves_the_site() -> None:
    assert _commands_of("run")[-1].endswith(" manage.py serve")


def test_an_installation_on_a_server_has_bytecode() -> None:
    """On a server, the workers run as a user who may not write to the environment, so they could not store bytecode."""
    assert any("-m compileall" in command for command in _commands_of("runtime"))
    assert not any("-m compileall" in command for command in _commands_of("demo"))
