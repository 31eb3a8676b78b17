"""The changes from one configuration of a resource to the next, property by property.

    differences(before, now) -> [Difference]

Azure guarantees no order for most lists. So the entries of two lists are matched by a property that is unique in each
list (`KEYS`). If there is no such property, entries are compared as whole values. A list whose order matters
(`ORDERED`) is compared as one value.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from assessments.estate.ids import fold

# Properties that can identify the entries of a list. A property identifies the entries if each entry has a different
# value of the property. `differences` uses the first property that identifies the entries in both lists.
KEYS: Final = ("id", "name", "objectId", "principalId", "key", "resourceId", "type")
# The order of DNS servers matters, because clients ask them in this order.
ORDERED: Final = frozenset({"dnsServers"})
# Azure changes the etag with every write, so the etag says nothing about the configuration.
IGNORED: Final = frozenset({"etag"})
# Values at this depth are compared as a whole. Azure's deepest documented configurations have some 12 levels.
MAX_DEPTH: Final = 40
MAX_VALUE: Final = 1000
"""The maximum length of a stored value, in characters of JSON. A longer value is cut, and stored as text."""


class Absent:
    """The type of `ABSENT`."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()
"""The value of a property that does not exist before or after a change. None would be ambiguous, because Azure returns
null for some properties that exist.
"""


class Difference(NamedTuple):
    """One changed property. `path` has the names of the properties, outermost first, and the identifying values of list
    entries.

    `before` and `now` are JSON values, or `ABSENT`. A list entry without an identifying value is added or removed,
    never changed.
    """

    path: tuple[str, ...]
    before: Any
    now: Any

    @property
    def is_added(self) -> bool:
        return isinstance(self.before, Absent)

    @property
    def is_removed(self) -> bool:
        return isinstance(self.now, Absent)


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Difference]:
    """Return all changed properties: first the properties of `before`, in their order, then the properties that only
    `now` has.
    """
    return list(_mappings((), before, now, 0))


def shortened(value: Any) -> Any:
    """Return the value, or the beginning of its JSON if the JSON has more than `MAX_VALUE` characters."""
    text = json.dumps(value, ensure_ascii=False)
    return value if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]} …"


def _values(path: tuple[str, ...], before: Any, now: Any, depth: int) -> Iterator[Difference]:
    if depth < MAX_DEPTH and isinstance(before, dict) and isinstance(now, dict):
        yield from _mappings(path, before, now, depth)
    elif (
        depth < MAX_DEPTH
        and isinstance(before, list)
        and isinstance(now, list)
        and (not path or path[-1] not in ORDERED)
    ):
        yield from _lists(path, before, now, depth)
    elif _text(before) != _text(now):
        yield Difference(path, before, now)


def _mappings(
    path: tuple[str, ...], before: Mapping[str, Any], now: Mapping[str, Any], depth: int
) -> Iterator[Difference]:
    for name in dict.fromkeys(name for name in (*before, *now) if name not in IGNORED):
        yield from _values((*path, name), before.get(name, ABSENT), now.get(name, ABSENT), depth + 1)


def _lists(path: tuple[str, ...], before: list[Any], now: list[Any], depth: int) -> Iterator[Difference]:
    key = _key(before, now)
    if key is not None:
        old, new = ({_name(entry[key]): entry for entry in entries} for entries in (before, now))
        shown = {_name(entry[key]): str(entry[key]) for entry in (*before, *now)}
        for name in dict.fromkeys([*old, *new]):
            yield from _values((*path, shown[name]), old.get(name, ABSENT), new.get(name, ABSENT), depth + 1)
        return
    left, right = Counter(map(_text, before)), Counter(map(_text, now))
    yield from (Difference(path, entry, ABSENT) for entry in _surplus(before, left - right))
    yield from (Difference(path, ABSENT, entry) for entry in _surplus(now, right - left))


def _surplus(entries: Sequence[Any], counts: Counter[str]) -> Iterator[Any]:
    left = Counter(counts)
    for entry in entries:
        if left[_text(entry)] > 0:
            left[_text(entry)] -= 1
            yield entry


def _key(before: list[Any], now: list[Any]) -> str | None:
    """Return the property that identifies the entries of both lists, or None."""
    if not all(isinstance(entry, dict) for entry in (*before, *now)):
        return None
    return next((key for key in KEYS if all(map(_identifies(key), (before, now)))), None)


def _identifies(key: str) -> Callable[[list[Any]], bool]:
    def does(entries: list[Any]) -> bool:
        values = [entry.get(key) for entry in entries]
        return all(isinstance(value, str) and value for value in values) and len(
            {_name(str(value)) for value in values}
        ) == len(values)

    return does


def _name(value: str) -> str:
    # Azure can return the same id or name once in upper case and once in lower case, so compare without case.
    return fold(value)


def _text(value: Any) -> str:
    """Return a text that is the same for equal values. Unlike Python, JSON distinguishes 1 from true."""
    return repr(ABSENT) if isinstance(value, Absent) else json.dumps(_essential(value), sort_keys=True)


def _essential(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _essential(one) for name, one in value.items() if name not in IGNORED}
    return [_essential(one) for one in value] if isinstance(value, list) else value
