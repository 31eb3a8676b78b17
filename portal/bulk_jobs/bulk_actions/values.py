"""The values that a bulk action needs besides the findings, such as a plan and a day.

The fields of the selection bar's form, the fields of the API, the arguments of the command line, and the page of a job
are derived from these values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum, auto
from typing import Any, Final

from tenants.models import Tenant


class ValueType(Enum):
    """The type of a value. An empty value is None, except that an empty text is ""."""

    TEXT = auto()
    DAY = auto()
    TIME = auto()
    BOOLEAN = auto()
    CHOICE = auto()
    EMAIL = auto()


_READ: Final[Mapping[ValueType, Callable[[str], date]]] = {
    ValueType.DAY: date.fromisoformat,
    ValueType.TIME: datetime.fromisoformat,
}
_YES_OR_NO: Final[Mapping[bool, str]] = {True: "Yes", False: "No"}


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a bulk action.

    - `name`: the name in the API and of the field in the form. No other bulk action has a value with this name, because
      the forms of all actions are sent together. The command line has `--<name>`, or `--new-<name>` if `--<name>`
      is an option of every action, such as the filter `--owner`
    - `label`: the label in the form and on the page of a job
    - `required`: whether a request must contain the value
    - `max_length`: the maximum number of characters of a text
    - `choices`: {value: label}. For `CHOICE`, the possible values. For `BOOLEAN`, the texts for True and False on the
      page of a job
    - `help`: what the value means, for the API and the help of the command line: sentences without the last full stop
    - `form_help`: the hint in the form: whole sentences; `help` if empty
    - `first_day`: only for the type `DAY`: a function of a customer and the present time. It returns the first day that
      the browser accepts. The action checks the day in any case
    - `if_empty`: the text on the page of a job if the value is empty. Without this text, the page does not show an
      empty value
    """

    name: str
    label: str
    type: ValueType = ValueType.TEXT
    required: bool = True
    max_length: int | None = None
    choices: Mapping[Any, str] = field(default_factory=dict)
    help: str = ""
    form_help: str = ""
    first_day: Callable[[Tenant, datetime], date] | None = None
    if_empty: str = ""

    def stored(self, value: Any) -> Any:
        """Return the value as a JSON value: a day or a time as a text in the format of ISO 8601."""
        return value.isoformat() if isinstance(value, date) else value

    def read(self, stored: Any) -> Any:
        """Convert a JSON value that `stored` has returned back into the value."""
        return _READ[self.type](stored) if self.type in _READ and stored else stored

    def shown(self, stored: Any) -> str | date:
        """Return the text, the day or the time that the page of a job shows. The text is empty if the page does not
        show the value.
        """
        if stored is None or stored == "":
            return self.if_empty
        if self.type == ValueType.BOOLEAN:
            return (self.choices or _YES_OR_NO)[stored]
        shown: str | date = self.choices.get(stored, self.read(stored))
        return shown
