"""JSON objects that record which of their properties are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

type Json = dict[str, Any]


class Recorded(dict[str, Any]):
    """A JSON object; `reads` are the names of the properties that were read, or looked for."""

    def __init__(self, items: Json) -> None:
        super().__init__(items)
        self.reads: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.reads.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.reads.add(name)
        return super().get(name, default)

    def __contains__(self, name: object) -> bool:
        self.reads.add(str(name))
        return super().__contains__(name)


def _reads_everything(name: str) -> Callable[..., Any]:
    original = getattr(dict, name)

    def method(self: Recorded, *arguments: Any) -> Any:
        self.reads.update(dict.keys(self))
        return original(self, *arguments)

    return method


for _name in (
    *("__iter__", "__reversed__", "__len__", "__eq__", "__ne__", "__or__", "__ror__", "__repr__"),
    *("keys", "values", "items", "copy", "pop", "popitem", "setdefault"),
):
    setattr(Recorded, _name, _reads_everything(_name))


def recorded(node: Any) -> Any:
    """Return a copy of JSON whose objects record which of their properties are read."""
    if isinstance(node, dict):
        return Recorded({name: recorded(value) for name, value in node.items()})
    if isinstance(node, list):
        return [recorded(value) for value in node]
    return node


def inner(node: Any, key: Any) -> Any:
    """Return a value inside of JSON without recording that it was read."""
    return dict.__getitem__(node, key) if isinstance(node, dict) else node[key]
