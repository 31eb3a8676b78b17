"""The forms of a template for 1 day, hour, minute, second or user."""

from __future__ import annotations

import re
from itertools import count, product
from typing import Final

_COUNTED: Final = re.compile(r"\{number\d*\} (day|hour|minute|second|user)s\b")
_NUMBER: Final = re.compile(r"\{number\d*\}")


def with_singulars(template: str) -> list[str]:
    """Return the template, and its forms with the number 1, such as “1 day” for “{number} days”.

    The placeholders that remain in a form are named `number`, `number2`, `number3` in their order.
    """
    choices = [(found[0], f"1 {found[1]}") for found in _COUNTED.finditer(template)]
    return [_renumbered(_replaced(template, forms)) for forms in product(*choices)]


def _replaced(template: str, forms: tuple[str, ...]) -> str:
    following = iter(forms)
    return _COUNTED.sub(lambda _: next(following), template)


def _renumbered(template: str) -> str:
    position = count(1)
    return _NUMBER.sub(lambda _: f"{{number{n if (n := next(position)) > 1 else ''}}}", template)
