"""Check the definition of an own control. For each problem, state the place of the problem and what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from assessments.controls.verdict import Outcome, Severity
from assessments.estate.collection import Source
from assessments.estate.collections import CONFIGURATIONS
from assessments.estate.estate import UnitKind
from assessments.fixes.declare import PLACEHOLDER
from assessments.own.conditions import COMPARISONS, GROUPS, OPERATORS, QUANTIFIERS
from assessments.own.patterns import InvalidPattern, pattern

PREFIX: Final = "own-"
MAX_SLUG: Final = 80
MAX_CONDITIONS: Final = 50
MAX_NESTED: Final = 6
MAX_CASES: Final = 20
MAX_IN: Final = 100
MAX_REFERENCES: Final = 10
# {field of a definition: maximum number of characters}
_TEXTS: Final = {"title": 80, "problem": 80, "why": 1_000, "expected": 300, "fix": 3_000}
_REQUIRED: Final = ("control", "title", "problem", "severity", "why", "subjects", "pass_when", "fix", "cases")
_KNOWN: Final = (*_REQUIRED, "expected", "applies_when", "references")
_PATH: Final = re.compile(r"[A-Za-z@$][\w@$-]*(\.[A-Za-z@$][\w@$-]*){0,9}", re.ASCII)
_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_VERDICTS: Final = ("pass", "fail", "unknown", "not_applicable")

type Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Flaw:
    """A problem of a definition, with its place and a message that says what to do."""

    path: Path
    message: str


@dataclass(frozen=True, slots=True)
class Case:
    """An example document with the verdict that the control must reach for it."""

    name: str
    document: Mapping[str, Any]
    verdict: Outcome


def subjects() -> dict[str, str]:
    """Return {name: title} of the collections whose documents can be judged by own controls. These documents are Azure
    resources with their configuration.
    """
    return {
        name: found.title
        for name, found in sorted(CONFIGURATIONS.items())
        if found.source is Source.ARM and found.unit is UnitKind.SUBSCRIPTION and found.resource_type
    }


def prefix_of(organization: str) -> str:
    """Return the prefix of the names of an organization's own controls. `organization` is the organization's short
    name.
    """
    return f"{PREFIX}{organization}-"


def flaws(data: Any, organization: str) -> list[Flaw]:
    """Return the problems of a definition. The list is empty if the definition can be used."""
    return list(_Check(organization).whole(data))


def stored_form(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a valid definition without its cases. Cases are not needed to judge documents. Assessments store this
    form.
    """
    return {name: value for name, value in data.items() if name != "cases"}


def cases_of(data: Mapping[str, Any]) -> list[Case]:
    """Return the cases (examples) of a valid definition."""
    return [
        Case(str(one.get("name", f"case {number}")), one["document"], Outcome(one["verdict"]))
        for number, one in enumerate(data["cases"], start=1)
    ]


class _Check:
    def __init__(self, organization: str) -> None:
        self._prefix = prefix_of(organization)
        self._conditions = 0

    def whole(self, data: Any) -> Iterator[Flaw]:
        if not isinstance(data, dict):
            yield Flaw(
                (),
                "Write the control as YAML fields such as “control:” and “title:”, each on a line of its own. The page"
                " “Write control” shows an example.",
            )
            return
        for name in data:
            if name not in _KNOWN:
                yield Flaw((name,), f"“{name}” is not a field. Use only these fields: {', '.join(_KNOWN)}.")
        for name in _REQUIRED:
            if data.get(name) in (None, "", [], {}):
                yield Flaw((name,), f"Add “{name}”.")
        yield from self._slug(data.get("control"))
        for name, most in _TEXTS.items():
            yield from _text(data.get(name), (name,), most)
        if isinstance(data.get("fix"), str) and (found := PLACEHOLDER.search(data["fix"])):
            yield Flaw(
                ("fix",),
                f"“{found[0]}” is a variable, which own controls cannot have. Write the text without braces.",
            )
        yield from _one_of(data.get("severity"), ("severity",), tuple(Severity))
        if data.get("subjects") is not None and data["subjects"] not in list(subjects()):
            near = get_close_matches(str(data["subjects"]), subjects(), n=1)
            meant = f" Did you mean “{near[0]}”?" if near else ""
            yield Flaw(
                ("subjects",),
                f"“{data['subjects']}” cannot be judged.{meant} Choose one of {', '.join(subjects())}.",
            )
        for name in ("applies_when", "pass_when"):
            if data.get(name) is not None:
                yield from self._condition(data[name], (name,), 1, inside=False)
        if self._conditions > MAX_CONDITIONS:
            yield Flaw(
                ("pass_when",), f"Use at most {MAX_CONDITIONS} conditions. Write two controls instead."
            )
        yield from _references(data.get("references"))
        yield from _cases(data.get("cases"))

    def _slug(self, slug: Any) -> Iterator[Flaw]:
        if slug is None:
            return
        fits = isinstance(slug, str) and slug.startswith(self._prefix) and len(slug) <= MAX_SLUG
        if not fits or not _SLUG.fullmatch(slug.removeprefix(self._prefix)):
            yield Flaw(
                ("control",),
                f"Begin the name with “{self._prefix}”, followed by lower-case letters, digits and hyphens: at most"
                f" {MAX_SLUG} characters in total.",
            )

    def _condition(self, data: Any, path: Path, depth: int, *, inside: bool) -> Iterator[Flaw]:
        self._conditions += 1
        if not isinstance(data, dict):
            yield Flaw(path, "Write a condition, such as “path: properties.x” with “equals: true” below it.")
            return
        if depth > MAX_NESTED:
            yield Flaw(
                path, f"Conditions are nested more than {MAX_NESTED} levels deep. Write two controls instead."
            )
            return
        if group := next((name for name in GROUPS if name in data), None):
            yield from self._group(group, data, path, depth, inside=inside)
            return
        yield from _property(data, path, inside=inside)
        named = [name for name in OPERATORS if name in data]
        if len(named) != 1:
            yield Flaw(path, f"Use exactly one of {', '.join(OPERATORS)}.")
            return
        for name in data:
            if name not in ("path", "tag", "absent", named[0]):
                yield Flaw((*path, name), f"“{name}” is unknown in a condition with “{named[0]}”. Remove it.")
        if "absent" in data and (named[0] == "exists" or not isinstance(data["absent"], bool)):
            yield Flaw(
                (*path, "absent"),
                "A condition with “exists” cannot have “absent”. Remove “absent”."
                if named[0] == "exists"
                else "Set “absent” to true or false.",
            )
        if named[0] in QUANTIFIERS:
            yield from self._condition(data[named[0]], (*path, named[0]), depth + 1, inside=True)
        else:
            yield from _OPERANDS[named[0]](data[named[0]], (*path, named[0]))

    def _group(
        self, group: str, data: Mapping[str, Any], path: Path, depth: int, *, inside: bool
    ) -> Iterator[Flaw]:
        if len(data) != 1:
            yield Flaw(
                path,
                f"A condition with “{group}” cannot have other keys. To add conditions, list them all below “all_of” or"
                " “any_of”.",
            )
        if group == "not":
            yield from self._condition(data[group], (*path, group), depth + 1, inside=inside)
        elif not isinstance(data[group], list) or not data[group]:
            yield Flaw((*path, group), f"“{group}” needs a list of conditions, each beginning with “-”.")
        else:
            for number, one in enumerate(data[group]):
                yield from self._condition(one, (*path, group, number), depth + 1, inside=inside)


def _property(data: Mapping[str, Any], path: Path, *, inside: bool) -> Iterator[Flaw]:
    if "tag" in data and "path" in data:
        yield Flaw(path, "Use either “path” or “tag”.")
    if "tag" in data:
        if inside:
            yield Flaw((*path, "tag"), "An item of a list has no tags. Use “path”.")
        yield from _text(data["tag"], (*path, "tag"), 512, required=True)
    elif "path" in data:
        if not isinstance(data["path"], str) or not _PATH.fullmatch(data["path"]):
            yield Flaw(
                (*path, "path"),
                "A path consists of at most ten names with dots between them, such as"
                " properties.networkAcls.defaultAction.",
            )
    elif not inside:
        yield Flaw(path, "Add “path” or “tag”: the property that the condition is about.")


def _text(value: Any, path: Path, most: int, *, required: bool = False) -> Iterator[Flaw]:
    if value is None and not required:
        return
    if not isinstance(value, str) or not value.strip():
        yield Flaw(
            path, "Write a text. Put it into quotation marks if it looks like a number, true or false."
        )
    elif len(value) > most:
        yield Flaw(path, f"Shorten the text to at most {most:,} characters.")


def _one_of(value: Any, path: Path, known: tuple[str, ...]) -> Iterator[Flaw]:
    if value is not None and value not in known:
        yield Flaw(path, f"Choose one of {', '.join(known)}.")


def _scalar(value: Any, path: Path) -> Iterator[Flaw]:
    if isinstance(value, str):
        yield from _text(value, path, 500, required=True)
    elif not isinstance(value, bool | int | float):
        yield Flaw(path, "Write a text, a number, true or false.")


def _values(value: Any, path: Path) -> Iterator[Flaw]:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_IN:
        yield Flaw(path, f"Write a list of at most {MAX_IN} values, each beginning with “-”.")
        return
    for number, one in enumerate(value):
        yield from _scalar(one, (*path, number))
    kinds = {str if isinstance(one, str) else bool if isinstance(one, bool) else float for one in value}
    if len(kinds) > 1:
        yield Flaw(
            path, "Write only texts or only numbers. Put texts that look like numbers into quotation marks."
        )


def _flag(value: Any, path: Path) -> Iterator[Flaw]:
    if not isinstance(value, bool):
        yield Flaw(path, "Write true or false.")


def _limit(value: Any, path: Path) -> Iterator[Flaw]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield Flaw(path, "Write a number.")


def _pattern(value: Any, path: Path) -> Iterator[Flaw]:
    if not isinstance(value, str) or not value:
        yield Flaw(path, "Write a pattern in quotation marks.")
        return
    try:
        pattern(value)
    except InvalidPattern as error:
        yield Flaw(path, f"The pattern cannot be used: {error}.")


_OPERANDS: Final[Mapping[str, Callable[[Any, Path], Iterator[Flaw]]]] = {
    "equals": _scalar,
    "in": _values,
    "exists": _flag,
    "matches": _pattern,
    **dict.fromkeys(COMPARISONS, _limit),
}


def _references(value: Any) -> Iterator[Flaw]:
    if value is None:
        return
    if not isinstance(value, list) or len(value) > MAX_REFERENCES:
        yield Flaw(("references",), f"Write a list of at most {MAX_REFERENCES} addresses or texts.")
        return
    for number, one in enumerate(value):
        yield from _text(one, ("references", number), 300, required=True)


def _cases(value: Any) -> Iterator[Flaw]:
    if value is None:
        return
    if not isinstance(value, list) or len(value) > MAX_CASES:
        yield Flaw(("cases",), f"Write a list of at most {MAX_CASES} cases, each beginning with “-”.")
        return
    verdicts = set()
    for number, one in enumerate(value):
        path: Path = ("cases", number)
        if not isinstance(one, dict) or not isinstance(one.get("document"), dict):
            yield Flaw(path, "A case needs “document” with the properties of a resource, and “verdict”.")
            continue
        for name in one:
            if name not in ("name", "document", "verdict"):
                yield Flaw(
                    (*path, name), f"“{name}” is not a field of a case. Use only name, document and verdict."
                )
        yield from _text(one.get("name"), (*path, "name"), 120)
        if one.get("verdict") in _VERDICTS:
            verdicts.add(one["verdict"])
        else:
            yield Flaw((*path, "verdict"), f"Choose one of {', '.join(_VERDICTS)}.")
    if value and not {"pass", "fail"} <= verdicts:
        yield Flaw(("cases",), "Add at least one case that passes and one that fails.")
