"""Find every action that the code records in a journal, so that a test can check that each has a label.

`journal.record` gets an action as a string, as a conditional expression of two strings, or as a constant of the module.
The action can also be a parameter of the calling function or method. Then the callers of this function are searched. An
f-string may put a prefix before the action: a text, or an attribute to which subclasses assign a text. Any other
expression raises an error, so that no action is overlooked.

Only modules whose text contains the searched name are parsed, because parsing all takes ten seconds.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
PACKAGES = ("tenants", "assessments", "portal")
# `Builds.record` adds the prefix of the kind of report to the action.
BUILDS = "portal.reports.builds"
type Function = ast.FunctionDef


@dataclass(frozen=True)
class Module:
    name: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def functions(self) -> list[Function]:
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef)]

    @cached_property
    def imported(self) -> dict[str, tuple[str, str]]:
        """Return {local name: (module, name in the module)}."""
        return {
            alias.asname or alias.name: (node.module or "", alias.name)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }


class Source:
    """The modules of the product."""

    @cached_property
    def modules(self) -> list[Module]:
        paths = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
        return [
            Module(".".join(path.relative_to(ROOT).with_suffix("").parts), path.read_text()) for path in paths
        ]

    def recorded(self) -> dict[str, set[str]]:
        """Return {action: modules that contain it}."""
        found: dict[str, set[str]] = {}
        for module in self.modules:
            for function in module.functions if ".record(" in module.text else ():
                for call in calls(function):
                    if (kind := kind_of_build(call)) is not None and isinstance(kind, str):
                        for prefix in self.prefixes(module, call):
                            found.setdefault(f"{prefix}.{kind}", set()).add(module.name)
                    elif is_record(call) and module.name != BUILDS:
                        value = next(word.value for word in call.keywords if word.arg == "action")
                        for action, where in self.values(module, function, value):
                            found.setdefault(action, set()).add(where)
        return found

    def prefixes(self, module: Module, call: ast.Call) -> list[str]:
        """Return the prefixes that this call of `Builds.record` can put before its action."""
        everywhere = {one.name.rpartition(".")[0]: found for one in self.modules if (found := prefix_in(one))}
        if module.name == BUILDS or is_of_any_kind(call):
            return sorted(everywhere.values())
        return [everywhere[module.name.rpartition(".")[0]]]

    def values(self, module: Module, function: Function, value: ast.expr) -> Iterator[tuple[str, str]]:
        match value:
            case ast.Constant(value=str(action)):
                yield action, module.name
            case ast.IfExp(body=one, orelse=other):
                yield from self.values(module, function, one)
                yield from self.values(module, function, other)
            case ast.JoinedStr(values=[ast.Constant(value=str(prefix)), ast.FormattedValue(value=end)]):
                for action, where in self.values(module, function, end):
                    yield prefix + action, where
            case ast.JoinedStr(
                values=[
                    ast.FormattedValue(value=ast.Attribute(value=ast.Name(id="self"), attr=attribute)),
                    ast.Constant(value=str(middle)),
                    ast.FormattedValue(value=end),
                ]
            ):
                for action, where in self.values(module, function, end):
                    for prefix in self.class_constants(attribute):
                        yield f"{prefix}{middle}{action}", where
            case ast.Name(id=name) if name in parameters(function):
                yield from self.given(module, function, name)
            case ast.Name(id=name):
                nodes = [*ast.walk(function), *module.tree.body]
                assigned = [found for node in nodes if (found := assigned_to(node, name))]
                assert assigned, f"{module.name}: where does {name} come from?"
                for one in assigned:
                    yield from self.values(module, function, one)
            case _:
                raise AssertionError(f"{module.name}.{function.name} computes the action it records")

    def class_constants(self, attribute: str) -> list[str]:
        """Return the strings that classes assign to this attribute."""
        found = [
            value.value
            for module in self.modules
            for node in (ast.walk(module.tree) if attribute in module.text else ())
            if isinstance(node, ast.ClassDef)
            for line in node.body
            if isinstance(value := assigned_to(line, attribute), ast.Constant)
        ]
        assert found, f"no class assigns {attribute}"
        return [str(one) for one in found]

    def given(self, module: Module, function: Function, name: str) -> Iterator[tuple[str, str]]:
        """Yield the values that callers pass for a parameter."""
        place = parameters(function).index(name)
        found = False
        for other in self.modules:
            if function.name not in other.text:
                continue
            known = (
                {function.name}
                if other.name == module.name
                else {here for here, there in other.imported.items() if there == (module.name, function.name)}
            )
            for caller in other.functions if known else ():
                for call in calls(caller):
                    match call.func:
                        case ast.Name(id=called) if called in known:
                            given = call.args
                        case ast.Attribute(value=ast.Name(id="self"), attr=called) if called in known:
                            given = [call.func.value, *call.args]
                        case _:
                            continue
                    words = [word.value for word in call.keywords if word.arg == name]
                    found = True
                    yield from self.values(other, caller, (words or [given[place]])[0])
        assert found, f"nobody calls {module.name}.{function.name}"


def kind_of_build(call: ast.Call) -> object:
    """Return the action without its prefix, if the call is `Builds.record(report, by, action, details)`."""
    match call:
        case ast.Call(func=ast.Attribute(attr="record"), args=[_, _, ast.Constant(value=kind), _]):
            return kind
    return None


def is_of_any_kind(call: ast.Call) -> bool:
    """Return whether a method of `builds` is called. A function with this parameter serves all kinds of reports."""
    match call.func:
        case ast.Attribute(value=ast.Name(id="builds")):
            return True
    return False


def prefix_in(module: Module) -> str:
    """Return the prefix of the `Builds` that the module declares, or an empty text if it declares no `Builds`."""
    for node in ast.walk(module.tree) if "Builds(" in module.text else ():
        match node:
            case ast.Call(func=ast.Name(id="Builds"), keywords=words):
                given = {word.arg: word.value for word in words}.get("prefix")
                return str(given.value) if isinstance(given, ast.Constant) else "report"
    return ""


@cache
def calls(function: Function) -> list[ast.Call]:
    return [node for node in ast.walk(function) if isinstance(node, ast.Call)]


def is_record(call: ast.Call) -> bool:
    match call.func:
        case ast.Attribute(attr="record", value=ast.Name(id="journal")):
            return True
    return False


def assigned_to(node: ast.AST, name: str) -> ast.expr | None:
    match node:
        case ast.Assign(targets=[ast.Name(id=known)], value=value) if known == name:
            return value
    return None


def parameters(function: Function) -> list[str]:
    given = function.args
    return [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
