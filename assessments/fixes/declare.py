"""Declare the fix of a control. The steps of a fix are data.

    FIX = Fix(
        Command(
            "az storage account update --resource-group {group} --name {account} --https-only true"
            " --subscription {subscription}"
        ),
        portal="Storage accounts › {account} › Configuration › Secure transfer required › Enabled",
        effects="Clients that use HTTP can no longer connect.",
    )

`{name}` stands for a variable of `assessments.fixes.variables` or of the fix. Values are quoted when a step is
rendered, so a template never puts quotation marks around `{name}`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assessments.fixes.facts import Facts
from assessments.fixes.variables import STANDARD, Variable

Each = Callable[[Facts], Sequence[Mapping[str, str]]]
PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
_NUMBER = re.compile(r'"\{([a-z_][a-z0-9_]*):number\}"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The base class of the steps of a fix.

    - `intro`: a sentence above the step
    - `kinds`: the resource types (lower case) to which the step applies; empty for all
    - `when(facts)`: returns whether the step applies to a finding
    - `each(facts)`: returns the values of variables for each item of the finding, such as each rule of a firewall; the
      step is repeated for each item
    - `alone`: a person must act between the commands of two findings, so the commands of two findings are never shown
      together
    """

    intro: str = ""
    kinds: tuple[str, ...] = ()
    when: Callable[[Facts], bool] | None = None
    each: Each | None = None
    alone: bool = False

    def applies(self, facts: Facts | None) -> bool:
        """Return whether the step applies to a finding. If `facts` is None, return True."""
        if facts is None:
            return True
        return (not self.kinds or facts.kind in self.kinds) and (self.when is None or self.when(facts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice(Step):
    """A step without a command. `intro` says what to do, and may contain variables."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cli(Step):
    """Commands of the Azure CLI, one per line. `bodies` is {name: JSON document}; `{name}` in `text` stands for the
    document. In a document, `{variable:number}` stands for the value of a variable, as a number.
    """

    text: str
    bodies: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphRequest(Step):
    """A request to Microsoft Graph, shown as PowerShell commands. `scopes` are the least privileged permissions
    that suffice.

    `adapt(body, facts)` returns the body for a finding.
    """

    method: str
    path: str
    scopes: tuple[str, ...]
    body: Mapping[str, Any] | None = None
    adapt: Callable[[Mapping[str, Any], Facts], Mapping[str, Any]] | None = None


def command(text: str, intro: str = "", **more: Any) -> Cli:
    """Return a step with commands of the Azure CLI, one per line."""
    return Cli(text=text, intro=intro, **more)


def advice(text: str, **more: Any) -> Advice:
    """Return a step without a command."""
    return Advice(intro=text, **more)


def graph(method: str, path: str, *scopes: str, **more: Any) -> GraphRequest:
    """Return a step with a request to Microsoft Graph that a signed-in person sends with PowerShell."""
    return GraphRequest(method=method, path=path, scopes=scopes, **more)


def json_template(body: Any) -> str:
    """Return a JSON document as text, in which variables are placeholders. Placeholders of numbers have no quotation
    marks.
    """
    return _NUMBER.sub(r"{\1}", json.dumps(body))


def sentences(fix: Fix) -> Iterator[str]:
    """Yield the sentences of a fix, which are in its steps, costs and side effects. Commands and paths are left out."""
    texts = (*(step.intro for step in fix.steps), fix.cost, fix.effects)
    yield from filter(None, texts)


@dataclass(frozen=True, slots=True)
class PortalPath:
    """A path in the Azure portal, with `›` between the entries to select, and the Microsoft page that documents it."""

    path: str
    source: str


@dataclass(frozen=True, slots=True, init=False)
class Fix:
    """The fix of a control's failing findings.

    - `portal`: the path in the Azure portal, with `›` between entries; `portals`: {resource type in lower case: its own
      path}
    - `portal_source`: the URL of Microsoft's page that documents the path `portal`
    - `cost`: a sentence on the costs; `effects`: a sentence on the side effects
    - `join`: a function that merges the facts of several findings of a directory; it is set if one run of the commands
      fixes all these findings
    """

    steps: tuple[Step, ...]
    portal: str
    portal_source: str
    portals: Mapping[str, PortalPath]
    cost: str
    effects: str
    variables: Mapping[str, Variable]
    join: Callable[[Sequence[Facts]], Facts] | None

    def __init__(
        self,
        *steps: Step,
        portal: str = "",
        portal_source: str = "",
        portals: Mapping[str, PortalPath] | None = None,
        cost: str = "",
        effects: str = "",
        variables: Iterable[Variable] = (),
        join: Callable[[Sequence[Facts]], Facts] | None = None,
    ) -> None:
        object.__setattr__(self, "steps", steps)
        object.__setattr__(self, "portal", portal)
        object.__setattr__(self, "portal_source", portal_source)
        object.__setattr__(self, "portals", dict(portals or {}))
        object.__setattr__(self, "cost", cost)
        object.__setattr__(self, "effects", effects)
        object.__setattr__(self, "join", join)
        object.__setattr__(self, "variables", {v.name: v for v in (*STANDARD, *variables)})
        self._check()

    def portal_paths(self, facts: Facts | None) -> list[PortalPath]:
        """Return a list with the path in the Azure portal for a finding. If `facts` is None, return all paths."""
        usual = PortalPath(self.portal, self.portal_source)
        if facts is None:
            return [usual, *self.portals.values()]
        return [self.portals.get(facts.kind, usual)]

    def _check(self) -> None:
        """Raise ValueError for a fix with neither steps nor a path in the portal, or for a placeholder without a
        variable.
        """
        if not self.steps and not self.portal:
            raise ValueError("a fix needs a step or a path in the portal")
        for step in self.steps:
            texts, known = [], set(self.variables)
            if isinstance(step, Cli):
                texts = [step.text, json_template(step.bodies)]
                known.update(step.bodies)
            elif isinstance(step, GraphRequest):
                texts = [step.path, json.dumps(step.body)]
            elif isinstance(step, Advice):
                texts = [step.intro]
            _require_variables(texts, known)
        _require_variables([found.path for found in self.portal_paths(None)], set(self.variables))


def _require_variables(texts: Iterable[str], known: set[str]) -> None:
    """Raise ValueError for a placeholder that is not one of the known names."""
    missing = {name for text in texts for name in PLACEHOLDER.findall(text)} - known
    if missing:
        raise ValueError(f"no variable is declared for {', '.join(sorted(missing))}")
