"""Render a fix as text for pages, documentation, exports and mails. Pure functions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from assessments.fixes.declare import PLACEHOLDER, Cli, Fix, GraphRequest, PortalPath, Step, json_template
from assessments.fixes.facts import Facts
from assessments.fixes.quoting import bash, is_plain, powershell
from assessments.fixes.variables import Variable
from tenants.cloud_table import CLOUDS, Cloud

_WIDTH: Final = 88
_OPTION: Final = re.compile(r" (?=--[a-z])")
BASH: Final = "bash"
POWERSHELL: Final = "powershell"


@dataclass(frozen=True, slots=True)
class RenderedStep:
    """A step as text. `language` is BASH or POWERSHELL, or empty if the step has no command. `open` are the variables
    whose values a person enters.
    """

    intro: str
    language: str
    text: str
    open: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RenderedFix:
    """A fix as text, with the path in the Azure portal, the costs and the side effects."""

    steps: tuple[RenderedStep, ...]
    portal: str
    cost: str
    effects: str

    @property
    def commands(self) -> tuple[RenderedStep, ...]:
        """The steps that have a command."""
        return tuple(step for step in self.steps if step.language)

    @property
    def notes(self) -> tuple[tuple[str, str], ...]:
        """The notes below the steps as (label, text): the path in the portal, the costs and the side effects."""
        labels = (
            ("In the portal", self.portal),
            ("Cost", self.cost),
            ("Side effects", self.effects),
        )
        return tuple((label, text) for label, text in labels if text)

    @property
    def plain(self) -> str:
        """The whole fix as plain text."""
        parts = [part for step in self.steps for part in (step.intro, step.text) if part]
        return "\n\n".join([*parts, *(f"{label}: {text}" for label, text in self.notes)])


def render(fix: Fix, facts: Facts | None = None, assigned: set[str] | None = None) -> RenderedFix:
    """Return the fix of a finding: the steps that apply to the finding, with the names of its resources filled in. If
    there is no finding, return all steps, with variables in place of names.

    `assigned` are variables of Bash that earlier commands have assigned. They are not assigned again, because this
    would clear what the person entered. The variables of this fix are added to `assigned`.
    """
    values = _values(fix, facts)
    assigned = set() if assigned is None else assigned
    steps = [
        step
        for declared in fix.steps
        if declared.applies(facts)
        for step in _steps(fix, declared, facts, values, assigned)
    ]
    portal = _portal(fix, fix.portal_paths(facts), _shown(values, facts))
    return RenderedFix(tuple(_signed_in(steps, facts)), portal, fix.cost, fix.effects)


def _values(fix: Fix, facts: Facts | None) -> dict[str, str]:
    if facts is None:
        return {}
    found = {name: variable.known(facts) for name, variable in fix.variables.items()}
    return {name: value for name, value in found.items() if is_plain(value)}


def _steps(
    fix: Fix, step: Step, facts: Facts | None, values: Mapping[str, str], assigned: set[str]
) -> Iterator[RenderedStep]:
    items = list(step.each(facts)) if step.each is not None and facts is not None else []
    if isinstance(step, GraphRequest):
        for item in items or [{}]:
            yield _graph(fix, step, facts, {**values, **_plain(item)})
    elif isinstance(step, Cli):
        # The commands for all items of a finding are one block of text, so that people copy them together.
        opened: dict[str, Variable] = {}
        lines = [_line(fix, step, {**values, **_plain(item)}, opened) for item in items or [{}]]
        new = [variable for name, variable in opened.items() if name not in assigned]
        assigned.update(opened)
        text = "\n".join([*_assignments(new), *dict.fromkeys(lines)])
        yield RenderedStep(step.intro, BASH, text, tuple(variable.shell_name for variable in new))
    else:
        yield RenderedStep(_filled(fix, step.intro, values), "", "")


def _plain(item: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in item.items() if is_plain(value)}


def _assignments(variables: Iterable[Variable]) -> Iterator[str]:
    for variable in variables:
        yield f"# {variable.help}. Example: {variable.example}"
        yield f"{variable.shell_name}=''"


def _line(fix: Fix, step: Cli, values: Mapping[str, str], opened: dict[str, Variable]) -> str:
    def word(match: re.Match[str]) -> str:
        name = match[1]
        if name in step.bodies:
            return _json_word(fix, step.bodies[name], values, opened)
        if name in values:
            return bash(values[name])
        return _reference(fix, name, opened)

    lines = []
    for template in step.text.splitlines():
        # Split the template at its options before names are filled in, because a name may look like an option.
        pieces = [PLACEHOLDER.sub(word, piece) for piece in _OPTION.split(template)]
        line = " ".join(pieces)
        indent = " " * (len(line) - len(line.lstrip()) + 2)
        lines.append(line if len(line) <= _WIDTH else f" \\\n{indent}".join(pieces))
    return "\n".join(lines)


def _reference(fix: Fix, name: str, opened: dict[str, Variable]) -> str:
    variable = fix.variables[name]
    opened[name] = variable
    # Because of `:?`, Bash does not run the command while the variable is empty.
    return f'"${{{variable.shell_name}:?}}"'


def _json_word(fix: Fix, body: Any, values: Mapping[str, str], opened: dict[str, Variable]) -> str:
    """Return a JSON document as one word of Bash. Variables stand for the values that are not in `values`."""
    return "".join(
        _reference(fix, text, opened) if is_name else bash(text)
        for text, is_name in _json_parts(json_template(body), values)
    )


def _json_parts(document: str, values: Mapping[str, str]) -> Iterator[tuple[str, bool]]:
    """Split a document at its unknown values. Yield (text with known values filled in, False) and (name of an unknown
    value, True)."""
    literal = ""
    for index, part in enumerate(PLACEHOLDER.split(document)):
        if index % 2 == 0:
            literal += part
        elif part in values:
            literal += json.dumps(values[part])[1:-1]
        else:
            yield literal, False
            yield part, True
            literal = ""
    yield literal, False


def _json_lines(value: Any, indent: int = 0) -> str:
    """Return a JSON document as lines. A value that fits on one line stays on one line."""
    line = json.dumps(value)
    if len(line) + indent <= _WIDTH or not isinstance(value, Mapping | list):
        return line
    blanks = " " * (indent + 2)
    if isinstance(value, Mapping):
        rows = [f"{json.dumps(key)}: {_json_lines(entry, indent + 2)}" for key, entry in value.items()]
    else:
        rows = [_json_lines(entry, indent + 2) for entry in value]
    opening, closing = "{}" if isinstance(value, Mapping) else "[]"
    return f"{opening}\n{blanks}" + f",\n{blanks}".join(rows) + f"\n{' ' * indent}{closing}"


def _graph(fix: Fix, step: GraphRequest, facts: Facts | None, values: Mapping[str, str]) -> RenderedStep:
    opened: dict[str, Variable] = {}

    def reference(name: str) -> str:
        opened[name] = fix.variables[name]
        return f"${fix.variables[name].powershell_name}"

    path = PLACEHOLDER.sub(lambda m: quote(values[m[1]], safe="") if m[1] in values else m[0], step.path)
    uri = powershell(path)
    if PLACEHOLDER.search(path):
        uri = f'"{PLACEHOLDER.sub(lambda m: reference(m[1]), path)}"'
    body = step.body
    if body is not None and step.adapt is not None and facts is not None:
        body = step.adapt(body, facts)
    parts = list(_json_parts(_json_lines(body), values)) if body is not None else []
    marks = ("@'", "'@")
    if any(is_name for _, is_name in parts):
        # PowerShell replaces variables by their values only between double quotation marks.
        marks = ('@"', '"@')
        parts = [(text if is_name else _escaped(text), is_name) for text, is_name in parts]
    document = "".join(reference(text) if is_name else text for text, is_name in parts)
    connect = ["Connect-MgGraph"]
    if facts is not None and is_plain(directory := facts.directory_id()):
        connect.append(f"-TenantId {powershell(directory)}")
    if (cloud := sovereign_cloud(facts)) is not None:
        connect.append(f"-Environment {cloud.environment}")
    connect.append(f"-Scopes {', '.join(map(powershell, step.scopes))}")
    request = f"Invoke-MgGraphRequest -Method {step.method} -Uri {uri}"
    lines = [" ".join(connect)]
    if document:
        lines += [f"$Body = {marks[0]}", document, marks[1]]
        request += " -ContentType 'application/json' -Body $Body"
    lines.append(request)
    if opened:
        # Put all commands in one `if` statement, so that no command runs while a value is missing.
        missing = " -or ".join(f"-not ${variable.powershell_name}" for variable in opened.values())
        names = " and ".join(variable.powershell_name for variable in opened.values())
        lines = [f"if ({missing}) {{ Write-Error 'Enter {names} first.' }} else {{", *lines, "}"]
    comments = [
        line
        for variable in opened.values()
        for line in (
            f"# {variable.help}. Example: {variable.example}",
            f"${variable.powershell_name} = ''",
        )
    ]
    lines = [*comments, *lines]
    return RenderedStep(
        step.intro, POWERSHELL, "\n".join(lines), tuple(f"${v.powershell_name}" for v in opened.values())
    )


def _escaped(text: str) -> str:
    """Escape the characters that PowerShell would interpret."""
    return text.replace("`", "``").replace("$", "`$")


def sovereign_cloud(facts: Facts | None) -> Cloud | None:
    """Return the cloud of the finding if it is a sovereign cloud, which command-line tools do not use by default.
    Otherwise, return None.
    """
    cloud = CLOUDS.get(facts.cloud) if facts is not None else None
    return None if cloud is None or cloud.is_default else cloud


def _signed_in(steps: list[RenderedStep], facts: Facts | None) -> Iterator[RenderedStep]:
    """Yield the steps. If the steps have commands of the Azure CLI for a sovereign cloud, yield the sign-in to this
    cloud first.
    """
    cloud = sovereign_cloud(facts)
    if facts is not None and cloud is not None and any(s.language == BASH for s in steps):
        lines = [f"az cloud set --name {cloud.cli}", f"az login --tenant {bash(facts.directory_id())}"]
        yield RenderedStep("Sign in to the customer's cloud first.", BASH, "\n".join(lines))
    yield from steps


def _shown(values: Mapping[str, str], facts: Facts | None) -> dict[str, str]:
    """Return the values for a path in the Azure portal. The portal lists subscriptions by name, so the name replaces
    the id.
    """
    if facts is None or not is_plain(facts.subscription_name):
        return dict(values)
    return {**values, "subscription": facts.subscription_name}


def common_portal(fix: Fix, findings: Iterable[Facts]) -> str:
    """Return the path in the Azure portal that fixes several findings.

    If all findings have the same value for a placeholder, this value replaces the placeholder. If their values differ,
    the label of the placeholder replaces the placeholder. Different paths are joined with “, or ”.
    """
    found = list(findings)
    first, *others = (_shown(_values(fix, facts), facts) for facts in found)
    same = {name: value for name, value in first.items() if all(o.get(name) == value for o in others)}
    paths = dict.fromkeys(path for facts in found for path in fix.portal_paths(facts))
    return _portal(fix, paths, same)


def _portal(fix: Fix, paths: Iterable[PortalPath], values: Mapping[str, str]) -> str:
    return ", or ".join(_filled(fix, found.path, values) for found in paths)


def _filled(fix: Fix, text: str, values: Mapping[str, str]) -> str:
    """Return a text for people with the values filled in. If a value is unknown, the label of its variable is filled in
    instead (“the account”)."""
    return PLACEHOLDER.sub(lambda match: values.get(match[1]) or fix.variables[match[1]].label, text)
