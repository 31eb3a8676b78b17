"""Remediation text of a control: prose, and commands with the subject's names filled in."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_COMMAND: Final = re.compile(r"^(az|azcopy|pwsh|Set-|Update-|New-)\b")
_RESOURCE: Final = re.compile(
    r"^/subscriptions/(?P<subscription>[^/]+)(?:/resourceGroups/(?P<group>[^/]+))?"
    r"(?:/providers/(?P<provider>[^/]+)/(?P<rest>.+))?",
    re.IGNORECASE,
)

# Placeholder in commands of the catalogue -> type of the resource whose name replaces it.
_NAMES: Final = {
    "ACCOUNT": "storageaccounts",
    "SERVER": "servers",
    "NSG": "networksecuritygroups",
    "VM": "virtualmachines",
    "CONTAINER": "containers",
    "RULE": "securityrules",
}


class Place(NamedTuple):
    """Parts of a subject's id, "" if the id lacks them. ``kind`` is like ``Microsoft.X/types/children``."""

    subscription: str = ""
    group: str = ""
    kind: str = ""
    name: str = ""


class Fix(NamedTuple):
    """Prose and commands of a remediation."""

    text: str
    commands: list[str]


def place(subject: str) -> Place:
    """Return the parts of an ARM id (any case); any other id is only a name."""
    match = _RESOURCE.match(subject)
    if match is None:
        return Place(name=subject)
    parts = (match["rest"] or "").split("/")
    kind = "/".join([match["provider"], *parts[0::2]]) if match["provider"] else ""
    name = "/".join(parts[1::2]) or match["group"] or match["subscription"]
    return Place(match["subscription"], match["group"] or "", kind, name)


def fix(text: str, subject: str = "") -> Fix:
    """Split the ``Fix:`` text of a control into prose and commands, with the commands' continuation lines."""
    prose: list[str] = []
    commands: list[str] = []
    open_command = False
    for line in text.splitlines():
        stripped = line.strip()
        if _COMMAND.match(stripped):
            commands.append(stripped)
            open_command = True
        elif open_command and (commands[-1].endswith("\\") or stripped.startswith("--")):
            commands[-1] += f"\n  {stripped}"
        else:
            open_command = False
            prose.append(_sentence(line))
    where = place(subject)
    return Fix("\n".join(prose).strip(), [_filled(command, where) for command in commands])


def _sentence(line: str) -> str:
    """Return a remark in brackets, which the catalogue puts after commands, as a sentence."""
    remark = re.fullmatch(r"\((.+)\)", line.strip())
    if remark is None:
        return line
    return f"{remark[1][:1].upper()}{remark[1][1:].rstrip('.')}."


def _filled(command: str, where: Place) -> str:
    """Replace placeholders such as ``RG`` by names from the subject's id; others remain to be filled in."""
    values = {"RG": where.group, "SUBSCRIPTION": where.subscription}
    for placeholder, kind in _NAMES.items():
        parts = where.kind.lower().split("/")[1:]
        if kind in parts:
            values[placeholder] = where.name.split("/")[parts.index(kind)]
    return re.sub(r"(?<![\w-])[A-Z]+(?![\w-])", lambda m: values.get(m[0]) or m[0], command)
