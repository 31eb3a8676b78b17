"""Conditions of own controls, which are true, false or unknown for a document.

A condition is data, as YAML or JSON states it:

    {"all_of": [condition, …]}, {"any_of": [condition, …]}, {"not": condition}
    {"path": "properties.x", "equals": value}
    {"tag": "owner", "exists": true}
    {"path": "properties.list", "any": condition}   or `all`; the inner condition is judged for each item of the list

Besides `equals` and `exists`, conditions on a path or tag can use `in`, `matches`, `at_least`, `at_most`, `more_than`
and `less_than`.

A property that is absent, null or of another type makes a condition unknown, except a condition with `exists`. If a
condition has `absent` (true or false), this value is the result for an absent or null property. Unknown
results are combined by Kleene's logic: `any_of` with a true part is true, even if another part is unknown. Values are
masked before they are judged. So a stored document, whose values are masked, gives the same result as Azure's answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from assessments.estate.redact import REDACTED, redact
from assessments.estate.view import View, steps_of
from assessments.own.patterns import MAX_TEXT, pattern

MAX_ITEMS: Final = 2_000
MAX_WORK: Final = 5_000_000
"""The maximum number of steps for judging one document by the conditions of a control. `assessments.own.patterns`
counts the steps of matching a pattern, and all other work is converted into such steps. MAX_WORK steps take about a
second.
"""
_WORK_OF_CONDITION: Final = 20
_WORK_OF_COMPARISON: Final = 3
# Masking one value of a document counts as this many steps. If the value is an object or a list, each value inside it
# counts as well.
_WORK_OF_VALUE: Final = 10
_CHARACTERS_OF_STEP: Final = 100
_MAX_OBSERVED: Final = 50
# Names of observed values that have a special meaning in Surety (`assessments.controls.profiles`,
# `assessments.estate.gaps`).
_RESERVED: Final = frozenset({"profile", "switched_off_because", "field"})
COMPARISONS: Final[Mapping[str, tuple[str, Callable[[float, float], bool]]]] = {
    "at_least": ("at least", lambda value, limit: value >= limit),
    "at_most": ("at most", lambda value, limit: value <= limit),
    "more_than": ("more than", lambda value, limit: value > limit),
    "less_than": ("less than", lambda value, limit: value < limit),
}
QUANTIFIERS: Final = ("any", "all")
OPERATORS: Final = ("equals", "in", "exists", "matches", *COMPARISONS, *QUANTIFIERS)
GROUPS: Final = ("all_of", "any_of", "not")


class Unclear(Exception):
    """A condition cannot be decided. `path` is the property that prevents a decision. `reason` is a sentence without a
    full stop.
    """

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"Property {path} {problem}")
        self.path = path
        self.reason = f"Property {path} {problem}"


class TooMuchWork(Exception):
    """The conditions of a control take too many steps for a document. `where` is the property that was compared
    last."""

    where = ""


@dataclass(frozen=True, slots=True)
class Truth:
    """The result of a condition: True, False, or None for unknown. `because` is the decisive part of the condition in
    words. For an unknown result, `because` is the reason, and `path` is the property that could not be used.
    """

    value: bool | None
    because: str
    path: str = ""


@dataclass(slots=True)
class Observed:
    """A record of how the conditions of a control judged one document. `values` is {path: value} of the values that
    were read, in the order of reading. `work` is the number of steps so far, which MAX_WORK limits.
    """

    values: dict[str, Any] = field(default_factory=dict)
    work: int = 0

    def spend(self, work: int) -> None:
        """Add `work` to the number of steps. Raise TooMuchWork if the sum exceeds MAX_WORK.

        A limit in seconds could give different verdicts on a slow and on a fast machine; a limit in steps does not.
        """
        self.work += work
        if self.work > MAX_WORK:
            raise TooMuchWork

    def spend_on(self, value: Any) -> None:
        """Add the steps for masking a value and all values inside it. Raise TooMuchWork if the sum exceeds MAX_WORK."""
        waiting = [value]
        while waiting:
            one = waiting.pop()
            self.spend(_WORK_OF_VALUE)
            if isinstance(one, str):
                self.spend(len(one) // _CHARACTERS_OF_STEP)
            elif isinstance(one, Mapping):
                waiting.extend(one.values())
            elif isinstance(one, list):
                waiting.extend(one)

    def note(self, path: str, value: Any) -> None:
        """Record a value. For a long list, only the number of items is recorded."""
        if isinstance(value, list) and len(value) > _MAX_OBSERVED:
            value = f"{len(value)} items"
        self.values.setdefault(path, value)

    def by_name(self) -> dict[str, Any]:
        """Return {last part of a path: value}. If the last part is not unique or is in `_RESERVED`, the key is
        `document.` followed by the whole path.
        """
        names = [path.rpartition(".")[2] for path in self.values]
        return {
            f"document.{path}" if names.count(name) > 1 or name in _RESERVED else name: value
            for name, (path, value) in zip(names, self.values.items(), strict=True)
        }


class _Document:
    """A document from which conditions read properties and tags."""

    def __init__(self, view: View, observed: Observed) -> None:
        self._view, self.observed = view, observed
        self._shown: dict[str, Any] = {}

    def value(self, path: str) -> Any:
        """Return the value at a path, or None if there is no such value.

        Raise Unclear if the path begins with `properties` and the document has no `properties`, or if the path leads
        through a value that is not an object.
        """
        if path in self._shown:
            return self._shown[path]
        self._view.raw(path)  # Record that the control reads this property, for the evidence.
        steps = steps_of(path)
        found = _walk(self._view.body, steps)
        if found is None and steps[0] == "properties" and self._view.body.get("properties") is None:
            raise Unclear("properties", "is absent")
        self.observed.spend_on(found)
        shown = self._shown[path] = redact(found, steps[-1])
        self.observed.note(path, shown)
        return shown

    def tag(self, name: str) -> Any:
        """Return the value of a tag. Azure compares the names of tags without regard to case."""
        tags = self._view.raw("tags")
        if tags is not None and not isinstance(tags, Mapping):
            raise Unclear("tags", "is not an object")
        self.observed.spend(_WORK_OF_COMPARISON * len(tags or {}))
        found = next(
            (value for key, value in (tags or {}).items() if key.casefold() == name.casefold()), None
        )
        self.observed.spend_on(found)
        shown = redact(found, name)
        self.observed.note(f"tags.{name}", shown)
        return shown


class _Item:
    """An item of a list in a document. A condition without a path is about the item itself."""

    def __init__(self, item: Any, around: str, observed: Observed) -> None:
        self._item, self._around, self.observed = item, around, observed

    def value(self, path: str) -> Any:
        if not path:
            return self._item
        if not isinstance(self._item, Mapping):
            raise Unclear(self._around, "is not a list of objects")
        return _walk(self._item, steps_of(path))


def _walk(node: Any, steps: Iterable[str]) -> Any:
    passed: list[str] = []
    for step in steps:
        if node is None:
            return None
        if not isinstance(node, Mapping):
            raise Unclear(".".join(passed), "is not an object")
        node = node.get(step)
        passed.append(step)
    return node


def judge(condition: Mapping[str, Any], view: View, observed: Observed) -> Truth:
    """Return whether a valid condition (`assessments.own.definition`) is true for a document.

    If the steps in `observed` exceed MAX_WORK, the result is unknown, even if one part of the condition is decisive.
    """
    try:
        return _truth(condition, _Document(view, observed), "")
    except TooMuchWork as error:
        unclear = Unclear(error.where, "takes too many steps to judge")
        return Truth(None, unclear.reason, unclear.path)


def _truth(condition: Mapping[str, Any], source: _Document | _Item, around: str) -> Truth:
    if "all_of" in condition:
        return _combined((_truth(one, source, around) for one in condition["all_of"]), decisive=False)
    if "any_of" in condition:
        return _combined((_truth(one, source, around) for one in condition["any_of"]), decisive=True)
    if "not" in condition:
        found = _truth(condition["not"], source, around)
        return found if found.value is None else Truth(not found.value, f"not ({found.because})")
    try:
        source.observed.spend(_WORK_OF_CONDITION)
        value = _holds(condition, source, around)
        # If the condition is about an item of a list, leave `because` empty: nobody reads a reason for each of perhaps
        # thousands of items.
        return Truth(value, describe(condition, around) if isinstance(source, _Document) else "")
    except Unclear as error:
        return Truth(None, error.reason, error.path)
    except TooMuchWork as error:
        error.where = error.where or name_of(condition, around)
        raise


def _combined(parts: Iterable[Truth], *, decisive: bool) -> Truth:
    """Return the result of a group of conditions.

    `decisive` is True for `any_of` and False for `all_of`. If a part has this value, the group has it too, and
    `because` names only the parts with this value. Otherwise, if a part is unknown, the first unknown part is the
    result. Otherwise, all parts have the opposite value, and `because` names all parts.
    """
    found = list(parts)
    chosen = [part for part in found if part.value is decisive]
    if not chosen and (unclear := next((part for part in found if part.value is None), None)) is not None:
        return unclear
    texts = [part.because for part in chosen or found if part.because]
    text = (" or " if decisive else " and ").join(texts)
    return Truth(decisive if chosen else not decisive, f"({text})" if len(texts) > 1 else text)


def _holds(condition: Mapping[str, Any], source: _Document | _Item, around: str) -> bool:
    where = name_of(condition, around)
    value = (
        source.tag(condition["tag"])
        if "tag" in condition and isinstance(source, _Document)
        else source.value(condition.get("path", ""))
    )
    if "exists" in condition:
        return (value is not None) is condition["exists"]
    if value is None:
        if "absent" in condition:
            return bool(condition["absent"])
        raise Unclear(where, "is absent")
    if _is_masked(value, source.observed):
        raise Unclear(where, "is a secret, which Surety does not store")
    if "equals" in condition:
        return _equal_to_one(value, [condition["equals"]], where, source.observed)
    if "in" in condition:
        return _equal_to_one(value, condition["in"], where, source.observed)
    if "matches" in condition:
        return pattern(condition["matches"]).fits(_text(value, where), source.observed.spend)
    for name, (_, compare) in COMPARISONS.items():
        if name in condition:
            return compare(_number(value, where), condition[name])
    return _quantified(condition, value, where, source.observed)


def _quantified(condition: Mapping[str, Any], value: Any, where: str, observed: Observed) -> bool:
    name = "any" if "any" in condition else "all"
    if not isinstance(value, list):
        raise Unclear(where, "is not a list")
    if len(value) > MAX_ITEMS:
        raise Unclear(where, f"has more than {MAX_ITEMS:,} items")
    inside = f"{where}[]"
    wanted, unclear = name == "any", None
    for item in value:
        found = _truth(condition[name], _Item(item, where, observed), inside)
        if found.value is wanted:
            return wanted
        if unclear is None and found.value is None:
            unclear = found
    if unclear is not None:
        raise Unclear(unclear.path or where, unclear.because.removeprefix(f"Property {unclear.path} "))
    return not wanted


def _is_masked(value: Any, observed: Observed) -> bool:
    observed.spend(1)
    if isinstance(value, str):
        return REDACTED in value
    return isinstance(value, list) and any(_is_masked(item, observed) for item in value)


def _equal_to_one(value: Any, wanted: Sequence[Any], where: str, observed: Observed) -> bool:
    """Return whether the value equals one of the wanted values. The wanted values all have one type: text, number or
    boolean.
    """
    read = min(len(value), MAX_TEXT) if isinstance(value, str) else 0
    for one in wanted:
        length = read + len(one) if isinstance(one, str) else 0
        observed.spend(_WORK_OF_COMPARISON + length // _CHARACTERS_OF_STEP)
        if _equal(value, one, where):
            return True
    return False


def _equal(value: Any, wanted: Any, where: str) -> bool:
    if isinstance(wanted, bool):
        if not isinstance(value, bool):
            raise Unclear(where, "is not true or false")
        return value is wanted
    if isinstance(wanted, int | float):
        return _number(value, where) == wanted
    return _text(value, where).casefold() == str(wanted).casefold()


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise Unclear(where, "is not text")
    if len(value) > MAX_TEXT:
        raise Unclear(where, f"has more than {MAX_TEXT:,} characters")
    return value


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unclear(where, "is not a number")
    return value


def name_of(condition: Mapping[str, Any], around: str = "") -> str:
    """Return the name of the property that a condition reads, as people see it: `tags.owner`,
    `properties.list[].name`."""
    if "tag" in condition:
        return f"tags.{condition['tag']}"
    path = condition.get("path", "")
    return f"{around}.{path}" if around and path else around or path


def describe(condition: Mapping[str, Any], around: str = "") -> str:
    """Return a condition in words."""
    for group, word in (("all_of", " and "), ("any_of", " or ")):
        if group in condition:
            parts = [describe(one, around) for one in condition[group]]
            return parts[0] if len(parts) == 1 else f"({word.join(parts)})"
    if "not" in condition:
        return f"not ({describe(condition['not'], around)})"
    where = name_of(condition, around)
    if "exists" in condition:
        return f"{where} exists" if condition["exists"] else f"{where} does not exist"
    if "equals" in condition:
        return f"{where} is {_shown(condition['equals'])}"
    if "in" in condition:
        return f"{where} is one of {', '.join(map(_shown, condition['in']))}"
    if "matches" in condition:
        return f"{where} matches {condition['matches']}"
    for name, (words, _) in COMPARISONS.items():
        if name in condition:
            return f"{where} is {words} {_shown(condition[name])}"
    name = "any" if "any" in condition else "all"
    word = "some item" if name == "any" else "every item"
    return f"{word} of {where}: {describe(condition[name], f'{where}[]')}"


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def paths_of(condition: Mapping[str, Any]) -> set[str]:
    """Return the paths in a document that a condition reads. A condition on a tag reads the path `tags`."""
    found: set[str] = set()
    for group in ("all_of", "any_of"):
        for one in condition.get(group, ()):
            found |= paths_of(one)
    if "not" in condition:
        found |= paths_of(condition["not"])
    if "tag" in condition:
        found.add("tags")
    elif condition.get("path"):
        found.add(condition["path"])
    return found
