"""Arguments of `surety bulk ACTION` for the values that the action needs besides the findings, such as a plan. They are
derived from the generated client of the API.
"""

from __future__ import annotations

import argparse
import re
import textwrap
import typing
from argparse import ArgumentParser, BooleanOptionalAction, Namespace
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from types import NoneType
from typing import Any

from attrs import NOTHING, fields

from surety_cli.arguments import TIME_HELP, day, start_time
from surety_client import models
from surety_client.models import StartBulkJobRequest
from surety_client.types import Unset


@dataclass(frozen=True)
class Value:
    """A value that an action needs besides the findings, as the generated client of the API declares it.

    - `type`: str, bool, date, datetime, or the enumeration of its possible texts
    - `text`: what the value means; empty if the API does not say it
    """

    name: str
    type: type
    is_required: bool
    text: str


def values_of(action: str) -> list[Value]:
    """Return the values of an action; none if the action needs only the findings."""
    types = typing.get_type_hints(StartBulkJobRequest, localns=vars(models))
    if (field := _field_of(action)) not in types:
        return []
    model = _main_type(types[field])
    types, texts = typing.get_type_hints(model, localns=vars(models)), _texts(model)
    return [
        Value(one.name, _main_type(types[one.name]), one.default is NOTHING, texts.get(one.name, ""))
        for one in fields(model)
        if one.init
    ]


def add_values(parser: ArgumentParser, action: str, texts: Mapping[str, str]) -> None:
    """Add an argument for each value of the action. `texts` is {name of a value: help that replaces the text of the
    API}.
    """
    for value in values_of(action):
        option = f"--{value.name.replace('_', '-')}"
        text = texts.get(value.name, value.text)
        if value.type is bool:
            options: dict[str, Any] = {"action": BooleanOptionalAction}
        elif issubclass(value.type, Enum):
            options = {"choices": [one.value for one in value.type]}
        elif value.type is datetime:
            options = {"metavar": "TIME", "type": start_time}
            text = "; ".join(filter(None, (text, TIME_HELP)))
        elif value.type is date:
            options = {"metavar": "DAY", "type": day}
        else:
            options = {"metavar": "TEXT"}
        # Double percent signs, because argparse formats the help with the operator %.
        options |= {"dest": _dest(value), "required": value.is_required, "help": text.replace("%", "%%")}
        try:
            parser.add_argument(option, **options)
        except argparse.ArgumentError:
            # The name is taken by an option that all actions have, such as the filter `--owner`.
            parser.add_argument(f"--new-{option[2:]}", **options)


def given_values(arguments: Namespace, action: str) -> dict[str, Any]:
    """Return {field of the request: the given values of the action}. The dictionary is empty if no value is given."""
    given = {value.name: getattr(arguments, _dest(value)) for value in values_of(action)}
    found = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in given.items()
        if value is not None
    }
    return {_field_of(action): found} if found else {}


def _field_of(action: str) -> str:
    return action.replace("-", "_")


def _dest(value: Value) -> str:
    # The prefix prevents a conflict with the arguments that all actions have.
    return f"value_{value.name}"


def _main_type(hint: Any) -> Any:
    """Return the type of a field without the alternatives None and Unset."""
    alternatives = typing.get_args(hint) or (hint,)
    return next(one for one in alternatives if one not in (NoneType, Unset))


def _texts(model: type) -> dict[str, str]:
    """Return {field: description} for a model of the client. The descriptions are in its docstring."""
    attributes = textwrap.dedent((model.__doc__ or "").partition("Attributes:\n")[2])
    found = re.findall(r"^(\w+) \(.*?\):(.*?)(?=^\w|\Z)", attributes, re.MULTILINE | re.DOTALL)
    return {name: " ".join(text.partition("Default: ")[0].split()) for name, text in found}
