"""Parameters of controls. A customer can override their values."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, Final

MAX_TEXT: Final = 4_000
MAX_NUMBER: Final = 100_000
"""The highest number that people can enter for a parameter that declares no maximum. An unlimited number of days could
lead to a date outside of Python's calendar, and the assessment would fail.
"""
_CONTROL_CHARACTER: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value of a control that a customer can override, within `choices` or `minimum` and `maximum`.

    If `maximum` is not set, people can enter at most `MAX_NUMBER`. A text must match the whole of `pattern`, a regular
    expression; `form` describes the pattern in words. Pages show `title`.
    """

    name: str
    default: Any
    help: str
    choices: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    pattern: str = ""
    form: str = ""
    label: str = ""

    @property
    def title(self) -> str:
        """The label, or the name in words: “Excluded locations” for `excluded_locations`."""
        return self.label or self.name.replace("_", " ").capitalize()

    def problem(self, value: Any) -> str:
        """Return why a stored value is invalid, or an empty string."""
        if isinstance(self.default, bool) != isinstance(value, bool):
            return f"{self.name} must be {type(self.default).__name__}"
        if isinstance(self.default, int | float):
            if not isinstance(value, int | float):
                return f"{self.name} must be a number"
        elif not isinstance(value, type(self.default)):
            return f"{self.name} must be {type(self.default).__name__}"
        if self.choices and value not in self.choices:
            return f"{self.name} must be one of {', '.join(map(str, self.choices))}"
        if self.minimum is not None and value < self.minimum:
            return f"{self.name} must be at least {self.minimum:g}"
        if self.maximum is not None and value > self.maximum:
            return f"{self.name} must be at most {self.maximum:g}"
        if self.pattern and not re.fullmatch(self.pattern, value):
            return f"{self.name} must be {self.form}"
        return ""

    def refusal(self, value: Any) -> str:
        """Return why a person may not choose a value, or an empty string. This check of new values is stricter than
        `problem`, the check of stored values. So values that earlier versions accepted remain valid in assessments.
        """
        if problem := self.problem(value):
            return problem
        if isinstance(value, str) and (len(value) > MAX_TEXT or _CONTROL_CHARACTER.search(value)):
            return f"{self.name} must be a text of at most {MAX_TEXT} characters, without control characters"
        if isinstance(value, int | float) and not math.isfinite(value):
            return f"{self.name} must be a number"
        if isinstance(self.default, int) and value != int(value):
            return f"{self.name} must be a whole number"
        if isinstance(value, int | float) and self.maximum is None and value > MAX_NUMBER:
            return f"{self.name} must be at most {MAX_NUMBER:,}"
        return ""
