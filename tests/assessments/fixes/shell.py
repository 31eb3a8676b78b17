"""Run the commands of fixes in a real Bash, with an `az` that only records its arguments, and parse PowerShell."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import tree_sitter_powershell
from tree_sitter import Language, Node, Parser

_FACTS = Path(__file__).parent / "az_commands"
_ASSIGNMENT = re.compile(r"^([A-Z][A-Z0-9_]*)=''$", re.MULTILINE)
# Options that need no value.
_FLAGS = {
    "--all", "--append", "--assign-identity", "--cert", "--disable-local-accounts", "--enable-aad",
    "--enable-azure-monitor-metrics", "--enable-defender", "--enable-encryption-at-host", "--force-string",
    "--system-assigned", "--yes",
}  # fmt: skip
_EXAMPLE = re.compile(r"^# .*\. Example: (.+)\n([A-Z][A-Z0-9_]*)=''$", re.MULTILINE)
# This `az` records its arguments in the file $CALLS: each argument ends with a unit separator, and each call with a
# record separator. Then it prints the name of a region, which some scripts use.
_STUB = r"""
az() { printf '%s\x1f' "$@" >>"$CALLS"; printf '\x1e' >>"$CALLS"; echo westeurope; }
"""


def run(script: str, folder: Path) -> list[list[str]]:
    """Run a script and return the arguments of each call of `az`. Fail if Bash reports an error."""
    calls = folder / "calls"
    calls.write_text("")
    file = folder / "script"
    file.write_text(_STUB + script, encoding="utf-8")
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", str(file)],
        cwd=folder,
        env={"CALLS": str(calls), "PATH": "/usr/bin:/bin", "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, ""), f"{done.stderr}\n{script}"
    return [call.split("\x1f")[:-1] for call in calls.read_text().split("\x1e")[:-1]]


def run_all(scripts: Sequence[str], folder: Path) -> list[list[list[str]]]:
    """Run many scripts in one Bash, each in a subshell, and return the calls of each.

    A script fails if it uses a variable that nothing assigns.
    """
    marked = [f"( set -eu\n{script}\n)\nprintf 'end\\x1f\\x1e' >>\"$CALLS\"" for script in scripts]
    found: list[list[list[str]]] = [[]]
    for call in run("set -e\n" + "\n".join(marked), folder):
        if call == ["end"]:
            found.append([])
        else:
            found[-1].append(call)
    return found[:-1]


def with_examples(script: str) -> str:
    """Assign to each variable the example from the comment above it, as a person would."""
    return _EXAMPLE.sub(lambda m: f"{m[2]}='{m[1]}'", script)


def assigned(script: str) -> list[str]:
    """Return the variables that a person enters."""
    return _ASSIGNMENT.findall(script)


@cache
def az_facts() -> dict[str, dict[str, Any]]:
    """Return {command: {option: facts}} of azure-cli. The facts say, for example, which values an option accepts."""
    files = sorted(_FACTS.glob("*.json"))
    read = [json.loads(file.read_text(encoding="utf-8"))["commands"] for file in files]
    return {command: options for commands in read for command, options in commands.items()}


def problems_of(call: Sequence[str]) -> Iterator[str]:
    """Yield what azure-cli would refuse: an unknown command, option or value, and a missing or repeated option."""
    count = next((i for i, word in enumerate(call) if word.startswith("-")), len(call))
    name = " ".join(call[:count])
    options = az_facts().get(name)
    if options is None:
        yield f"no command `az {name}`"
        return
    given: dict[str, list[str]] = {}
    for word in call[count:]:
        if word.startswith("--"):
            if word in given:
                yield f"az {name}: {word} is given twice"
            given[word] = []
        else:
            given[next(reversed(given))].append(word)
    for option, values in given.items():
        if option in {"--query", "--output", "--subscription"}:
            continue
        if option not in options:
            yield f"az {name}: no option {option}"
            continue
        if not values and option not in _FLAGS:
            yield f"az {name}: {option} has no value"
        choices = {choice.casefold() for choice in options[option].get("choices", ())}
        if choices and not {value.casefold() for value in values} <= choices:
            yield f"az {name}: {option} does not take {values}"
    required = {tuple(facts["required"]) for facts in options.values() if "required" in facts}
    for spellings in required:
        if not set(spellings) & set(given):
            yield f"az {name}: {' or '.join(spellings)} is missing"


def parse_powershell(text: str) -> Node:
    """Return the syntax tree of a PowerShell script. Fail if the script has a syntax error."""
    tree = Parser(Language(tree_sitter_powershell.language())).parse(text.encode())
    assert not tree.root_node.has_error, f"{tree.root_node}\n{text}"
    return tree.root_node


def nodes(root: Node, kind: str) -> list[str]:
    """Return the texts of all nodes of a kind."""
    found = [(root.text or b"").decode()] if root.type == kind else []
    return found + [text for child in root.children for text in nodes(child, kind)]
