"""docs/cli.md and the example pipelines contain only commands and options that exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import yaml

from portal.settings.env import BASE_DIR
from surety_cli.exits import Exit
from surety_cli.main import EPILOG, parser

PAGE = (BASE_DIR / "docs" / "cli.md").read_text(encoding="utf-8")
EXAMPLES = BASE_DIR / "docs" / "examples"


def commands(texts: list[str]) -> list[list[str]]:
    """Return the words of each line that runs `surety`."""
    lines = (line.strip() for text in texts for line in text.splitlines())
    return [shlex.split(line)[1:] for line in lines if line.startswith("surety ")]


def scripts(value: Any) -> list[str]:
    """Return the values of all keys `run` and `script` in a pipeline, which contain its commands."""
    if isinstance(value, dict):
        own = [text for name, text in value.items() if name in ("run", "script")]
        return own + [text for one in value.values() for text in scripts(one)]
    if isinstance(value, list):
        return [text for one in value for text in scripts(one)]
    return []


def test_each_command_of_the_page_is_accepted() -> None:
    found = commands(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL))
    assert len(found) >= 8
    for words in found:
        parser().parse_args(words)
    for words in re.findall(r"^\| `surety ([a-z]+(?: [a-z]+)?)", PAGE, re.MULTILINE):
        assert any(given[: len(words.split())] == words.split() for given in (*found, *UNTRIED)), words


def test_each_command_is_on_the_page() -> None:
    named = set(re.findall(r"^\| `surety ([a-z]+)", PAGE, re.MULTILINE))
    (commands_of_surety,) = (action for action in parser()._actions if isinstance(action.choices, dict))
    assert named == set(commands_of_surety.choices or ())


# Commands that are in the table of docs/cli.md, but in none of its examples.
UNTRIED = [["logout"], ["report", "list"], ["report", "download"]]


def test_each_option_of_the_page_exists() -> None:
    known: set[str] = set()
    waiting = [parser()]
    while waiting:
        for action in waiting.pop()._actions:
            known.update(action.option_strings)
            if isinstance(action.choices, dict):
                waiting += action.choices.values()
    named = set(re.findall(r"`(--[a-z-]+)", PAGE))
    assert named <= known
    assert {"--fail-on", "--ca-file", "--tag"} <= known


def test_each_exit_status_is_on_the_page_and_in_the_help() -> None:
    rows = [int(number) for number in re.findall(r"^\| (\d+) \| ", PAGE, re.MULTILINE)]
    assert rows == sorted(Exit)
    helped = {int(number) for number in re.findall(r"^  (\d+) ", EPILOG, re.MULTILINE)}
    assert helped == set(Exit) - {Exit.INTERNAL}


def test_pipelines_run_commands_that_exist() -> None:
    for path in (EXAMPLES / "github-actions.yml", EXAMPLES / "azure-pipelines.yml"):
        content = path.read_text(encoding="utf-8")
        (words,) = commands(scripts(yaml.safe_load(content)))
        arguments = parser().parse_args(words)
        assert arguments.fail_on == "critical"
        assert content.count(str(arguments.output)) > 1, "the next step reads the file"
        assert (BASE_DIR / Path("cli") / "pyproject.toml").is_file()
        assert "#subdirectory=cli" in content


def test_the_workflow_may_upload_findings_from_a_private_repository() -> None:
    """GitHub denies all rights that `permissions` does not name. In a private repository, the action `upload-sarif`
    needs the right to write security events, and to read the workflow's run and the commit.
    """
    workflow = yaml.safe_load((EXAMPLES / "github-actions.yml").read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"actions": "read", "contents": "read", "security-events": "write"}


def test_only_the_assessing_step_of_the_workflow_gets_the_client_secret() -> None:
    """A variable of the whole job would also be in the environment of actions that other people publish."""
    workflow = yaml.safe_load((EXAMPLES / "github-actions.yml").read_text(encoding="utf-8"))
    (job,) = workflow["jobs"].values()
    assert "env" not in workflow
    assert "env" not in job
    with_secret = [step["name"] for step in job["steps"] if "SURETY_CLIENT_SECRET" in step.get("env", {})]
    assert with_secret == ["Assess"]
