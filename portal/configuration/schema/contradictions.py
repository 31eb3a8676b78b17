"""Describe the values in a configuration file that violate the schema."""

from __future__ import annotations

import difflib
import heapq
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice, takewhile
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from assessments.controls.registry import catalogue
from portal.configuration.problems import MAX_PROBLEMS, Problem
from portal.configuration.schema.parts import SECRET
from portal.configuration.schema.whole import schema
from portal.configuration.yaml_text import Document, Path

# The maximum number of known words that are compared with an unknown word. Each comparison takes about 0.1 ms.
_COMPARED: Final = 100
MAX_WORD: Final = 254
_TYPES: Final = {
    "object": "a mapping (lines of “key: value”)",
    "array": "a list (lines that begin with “- ”)",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}


def problems(document: Document) -> list[Problem]:
    """Return at most 50 problems, one for each value or key that violates the schema, in the order of their lines."""
    validator = Draft202012Validator(schema())
    found = (one for error in validator.iter_errors(document.data) for one in _problems(error, document))
    return sorted(set(islice(found, MAX_PROBLEMS)))


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a sentence that suggests the most similar known word, or an empty text if no word is similar.

    If there are more than 100 known words, compare only 100 of them. These are the words that share the most letters
    with `word` at the beginning and at the end.
    """
    word = word[:MAX_WORD].casefold()
    by_case = {one.casefold(): one for one in known}
    compared: Iterable[str] = by_case
    if len(by_case) > _COMPARED:
        compared = heapq.nlargest(_COMPARED, by_case, key=partial(_common_ends, word))
    close = difflib.get_close_matches(word, compared, n=1, cutoff=0.6)
    return f" Did you mean “{by_case[close[0]]}”?" if close else ""


def _common_ends(first: str, second: str) -> int:
    """Return how many letters two words share at their beginning, plus how many they share at their end."""
    beginning = takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False))
    end = takewhile(lambda pair: pair[0] == pair[1], zip(first[::-1], second[::-1], strict=False))
    return sum(1 for _ in beginning) + sum(1 for _ in end)


def _problems(error: ValidationError, document: Document) -> Iterator[Problem]:
    path: Path = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        known = list(error.schema["properties"])
        for key in error.instance:
            if key not in known:
                yield Problem(document.line((*path, key)), _unknown_key(key, known, path))
        return
    if error.validator == "anyOf" and "enum" in error.validator_value[0]:
        words = error.validator_value[0]["enum"]
        yield Problem(document.line(path), _not_one_of(words, error.instance, path))
        return
    if error.validator == "anyOf":
        days = error.validator_value[0]
        text = (
            f"{_name(path)} must be a whole number of days from {days['minimum']} to {days['maximum']}, or one of the"
            " words keep and default."
        )
        yield Problem(document.line(path), text)
        return
    yield Problem(document.line(path), _sentence(error, path))


def _unknown_key(key: str, known: list[str], path: Path) -> str:
    shown = key[:60]
    if path and path[-1] == "parameters" and key in catalogue():
        return f"The control “{shown}” has no parameters. Remove “{shown}” from the parameters."
    guess = nearest(key, known)
    listed = "" if guess or len(known) > 20 else f" The keys are: {', '.join(known)}."
    return f"“{shown}” is not a key{_place(path)}.{guess or listed or ' Correct or remove it.'}"


def _sentence(error: ValidationError, path: Path) -> str:
    value, limit = error.instance, error.validator_value
    name = _name(path)
    match error.validator:
        case "required":
            missing = next(key for key in limit if key not in value)
            return f"The key “{missing}” is missing{_place(path, 'in')}. Add it."
        case "type":
            return f"{name} must be {_TYPES[limit]}, not {_described(value)}.{_hint(value, limit)}"
        case "const" if limit == SECRET:
            return f"{name} is a secret. Write “{SECRET}” or remove the key. Enter the secret on the page."
        case "const":
            return f"{name} must be {limit}, because this version of Surety reads no other value."
        case "enum":
            return _not_one_of([str(one) for one in limit], value, path)
        case "minimum":
            return f"{name} must be at least {limit}."
        case "maximum":
            return f"{name} must be at most {limit}."
        case "minLength":
            return f"{name} is empty. Enter a text, or remove the key."
        case "maxLength":
            return f"{name} has more than {limit} characters. Shorten it."
        case "minItems":
            return f"{name} is an empty list. Add at least {limit} entry."
        case "maxItems":
            return f"{name} has more than {limit} entries. Remove some."
    return f"{name} is invalid. See the JSON schema."


def _not_one_of(words: list[str], value: Any, path: Path) -> str:
    guess = nearest(value, words) if isinstance(value, str) else ""
    listed = f" Use one of: {', '.join(words)}." if len(words) <= 20 else " See the JSON schema."
    return f"{_name(path)} cannot be {_described(value)}.{guess or listed}"


def _name(path: Path) -> str:
    if not path:
        return "The file"
    key = path[-1]
    if isinstance(key, int):
        return f"Entry {key + 1} of “{path[-2]}”" if len(path) > 1 else f"Entry {key + 1}"
    return f"“{key}”"


def _place(path: Path, preposition: str = "of") -> str:
    words = [part for part in path if isinstance(part, str)]
    return f" {preposition} “{words[-1]}”" if words else ""


def _described(value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return f"“{str(value).lower()}”"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return f"“{str(value)[:60]}”"


def _hint(value: Any, wanted: str) -> str:
    if wanted == "string" and isinstance(value, bool | int | float):
        return " Put it into quotation marks."
    return ""
