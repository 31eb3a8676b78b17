"""DER elements as a tree that can be changed and encoded again."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

_CONSTRUCTED = 0x20


@dataclass
class Element:
    """One element: its tag, and its bytes or the elements in it."""

    tag: int
    content: bytes | list[Element]

    def encode(self) -> bytes:
        """Return the element in DER."""
        body = self.content if isinstance(self.content, bytes) else b"".join(e.encode() for e in self.content)
        size = len(body)
        if size < 0x80:
            return bytes([self.tag, size]) + body
        digits = size.to_bytes((size.bit_length() + 7) // 8)
        return bytes([self.tag, 0x80 | len(digits)]) + digits + body

    def walk(self) -> Iterator[Element]:
        """Yield this element and all elements in it."""
        yield self
        if isinstance(self.content, list):
            for child in self.content:
                yield from child.walk()


def parse(data: bytes) -> Element:
    """Return the element that the bytes consist of."""
    (element,) = _elements(data)
    return element


def _elements(data: bytes) -> Iterator[Element]:
    at = 0
    while at < len(data):
        start, size = at + 2, data[at + 1]
        if size >= 0x80:
            start += size - 0x80
            size = int.from_bytes(data[at + 2 : start])
        body = data[start : start + size]
        yield Element(data[at], list(_elements(body)) if data[at] & _CONSTRUCTED else body)
        at = start + size


def mutations(data: bytes, random: Random) -> Iterator[tuple[str, bytes]]:
    """Yield changed copies of `data`, each with a description of its change. In each copy, one element is changed.

    There are two copies for each element. In the first copy, the element is extended at its end. The other copy has a
    random change: the element is extended at its start, removed, repeated, swapped with the next one, or gets another
    tag.
    """
    hidden = Element(0x04, b"hidden")
    for number, _ in enumerate(parse(data).walk()):
        for kind in ("add last", random.choice(("add first", "remove", "repeat", "swap", "retag"))):
            root = parse(data)
            elements = list(root.walk())
            element = elements[number]
            siblings = next((e.content for e in elements if _holds(e, element)), None)
            if kind == "add first":
                element.content = _joined(element.content, hidden, first=True)
            elif kind == "add last":
                element.content = _joined(element.content, hidden, first=False)
            elif kind == "retag":
                element.tag ^= 0x01
            elif isinstance(siblings, list):
                at = next(i for i, sibling in enumerate(siblings) if sibling is element)
                if kind == "remove":
                    del siblings[at]
                elif kind == "repeat":
                    siblings.insert(at, copy.deepcopy(element))
                else:
                    siblings[at : at + 2] = reversed(siblings[at : at + 2])
            changed = root.encode()
            if changed != data:
                yield f"{kind} at element {number} (tag {element.tag:#x})", changed


def _holds(parent: Element, element: Element) -> bool:
    return isinstance(parent.content, list) and any(child is element for child in parent.content)


def _joined(content: bytes | list[Element], hidden: Element, *, first: bool) -> bytes | list[Element]:
    if isinstance(content, bytes):
        return b"\0" + content if first else content + b"\0"
    return [hidden, *content] if first else [*content, hidden]
