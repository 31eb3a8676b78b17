"""Find texts that the agents of CI pipelines would take for commands. Tests check that Surety prints none.

The rules are those in the sources of microsoft/azure-pipelines-agent (Command.cs) and actions/runner
(ActionCommand.cs). The old prefix `##task[` and TeamCity's prefix are included.
"""

from __future__ import annotations

import re

AZURE = "##vso[task.prependpath]/tmp/x"
FORMAT = "##[error]failed"
GITHUB = "::add-mask::name"
HOSTILE = (
    AZURE,
    FORMAT,
    GITHUB,
    f"name {AZURE}",
    f"name {FORMAT}",
    f"name\r\n \u00a0{GITHUB}",
    f"name\r{GITHUB}",
    f"###{AZURE}",
    "##task[name]",
    "##teamcity[name]",
    "::::error::",
)


def commands(output: str) -> list[str]:
    """Return the lines that are commands for an agent."""
    lines = re.split(r"\r\n|\r|\n", output)
    return [line for line in lines if re.search(r"##[a-z]*\[", line) or line.lstrip().startswith("::")]
