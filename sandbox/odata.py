"""Compile OData's `$filter` to a predicate, for the part of the language that clients of Graph and ARM use.

Supported: `eq ne gt ge lt le in`, `and or not`, parentheses, paths (`a/b`), `startswith endswith contains`, but no
lambda operators. Strings are compared case-insensitively, as Graph and ARM do. A list equals a value if one of its
items equals the value.
"""

import re
from collections.abc import Callable
from typing import Any

Predicate = Callable[[Any], bool]
Lookup = Callable[[Any, str], Any]
Function = Callable[[list[Any]], Predicate]

_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^']|'')*')|(?P<time>\d{4}-\d\d-\d\d(?:T[0-9:.]+(?:Z|[+-]\d\d:\d\d))?)"
    r"|(?P<guid>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<word>[A-Za-z_@][\w./-]*)|(?P<mark>[(),]))"
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
}
_TEXT_FUNCTIONS: dict[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith,
    "endswith": str.endswith,
    "contains": str.__contains__,
}
_CONSTANTS = {"true": True, "false": False, "null": None}
Token = tuple[str, Any]


class FilterError(ValueError):
    """The filter is invalid or not supported. The message says what was unexpected."""


def property_of(value: Any, path: str) -> Any:
    """Return the property at a path such as `a/b`, or None if there is no such property. The case of keys does not
    matter.
    """
    for name in path.split("/"):
        if not isinstance(value, dict):
            return None
        value = next((v for k, v in value.items() if k.lower() == name.lower()), None)
    return value


def compile_filter(
    text: str, lookup: Lookup = property_of, functions: dict[str, Function] | None = None
) -> Predicate:
    """Compile a filter to a predicate on objects. Raise `FilterError` if the filter is invalid.

    `functions` is {name in lower case: function} with the service's own functions, such as `atScope()`.
    """
    parser = _Parser(_tokens(text), lookup, functions or {})
    predicate = parser.either()
    if parser.tokens:
        raise FilterError(f"unexpected {parser.tokens[0][1]!r}")
    return predicate


def _tokens(text: str) -> list[Token]:
    tokens: list[Token] = []
    at = 0
    while text[at:].strip():
        if not (match := _TOKEN.match(text, at)):
            raise FilterError(f"syntax error at position {at} in '{text}'")
        kind = str(match.lastgroup)
        value: Any = match[kind]
        if kind == "string":
            value = value[1:-1].replace("''", "'")
        elif kind == "number":
            value = float(value)
        tokens.append((kind, value))
        at = match.end()
    return tokens


def _plain(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _compare(operator: str, left: Any, right: Any) -> bool:
    if isinstance(left, list):
        return operator == "eq" and _plain(right) in map(_plain, left)
    left, right = _plain(left), _plain(right)
    if operator in ("eq", "ne"):
        return _COMPARE[operator](left, right)
    if isinstance(left, bool) or isinstance(left, str) != isinstance(right, str):
        return False
    return isinstance(left, str | int | float) and _COMPARE[operator](left, right)


class _Parser:
    """A recursive-descent parser. `not` binds strongest, then `and`, then `or`."""

    def __init__(self, tokens: list[Token], lookup: Lookup, functions: dict[str, Function]) -> None:
        self.tokens, self.lookup, self.functions = tokens, lookup, functions

    def take(self) -> Token:
        if not self.tokens:
            raise FilterError("the filter ends too early")
        return self.tokens.pop(0)

    def mark(self, wanted: str) -> None:
        if (token := self.take()) != ("mark", wanted):
            raise FilterError(f"'{wanted}' expected, found {token[1]!r}")

    def follows(self, kind: str, *values: str) -> bool:
        return bool(self.tokens) and self.tokens[0][0] == kind and str(self.tokens[0][1]).lower() in values

    def either(self) -> Predicate:
        terms = [self.all()]
        while self.follows("word", "or"):
            self.take()
            terms.append(self.all())
        return terms[0] if len(terms) == 1 else lambda item: any(term(item) for term in terms)

    def all(self) -> Predicate:
        terms = [self.one()]
        while self.follows("word", "and"):
            self.take()
            terms.append(self.one())
        return terms[0] if len(terms) == 1 else lambda item: all(term(item) for term in terms)

    def one(self) -> Predicate:
        if self.follows("word", "not"):
            self.take()
            term = self.one()
            return lambda item: not term(item)
        if self.follows("mark", "("):
            self.take()
            inner = self.either()
            self.mark(")")
            return inner
        kind, name = self.take()
        if kind != "word":
            raise FilterError(f"a property expected, found {name!r}")
        if self.follows("mark", "("):
            return self.call(name)
        return self.comparison(name)

    def operand(self) -> Any:
        kind, value = self.take()
        if kind == "mark":
            raise FilterError(f"a value expected, found {value!r}")
        return _CONSTANTS.get(value.lower(), value) if kind == "word" else value

    def operands(self) -> list[Any]:
        self.mark("(")
        values: list[Any] = []
        while not self.follows("mark", ")"):
            values.append(self.operand())
            if not self.follows("mark", ")"):
                self.mark(",")
        self.mark(")")
        return values

    def call(self, name: str) -> Predicate:
        values = self.operands()
        if function := self.functions.get(name.lower()):
            return function(values)
        test = _TEXT_FUNCTIONS.get(name.lower())
        if test is None or len(values) != 2:
            raise FilterError(f"function {name!r} is not supported")
        path, text = str(values[0]), str(values[1]).casefold()
        return lambda item: test(str(_plain(self.lookup(item, path)) or ""), text)

    def comparison(self, path: str) -> Predicate:
        kind, operator = self.take()
        operator = str(operator).lower()
        if kind == "word" and operator == "in":
            wanted = {_plain(value) for value in self.operands()}
            return lambda item: _plain(self.lookup(item, path)) in wanted
        if kind != "word" or operator not in _COMPARE:
            raise FilterError(f"operator {operator!r} is not supported")
        value = self.operand()
        return lambda item: _compare(operator, self.lookup(item, path), value)
