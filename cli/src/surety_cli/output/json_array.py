"""Write JSON as the API returns it. Lists are written page by page, so that a million findings need little memory.

On a terminal, only ASCII is written, because a terminal obeys some other characters as commands.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TextIO

from surety_cli.pipeline_commands import Notation, standard_output


def write_object(value: object, target: TextIO | None = None) -> None:
    """Write one JSON value."""
    target = target or standard_output(Notation.JSON)
    print(json.dumps(value, indent=2, ensure_ascii=target.isatty()), file=target)


def write_array(values: Iterable[Any], target: TextIO | None = None) -> None:
    """Write a JSON array with one line for each value."""
    target = target or standard_output(Notation.JSON)
    separator, only_ascii = "[\n", target.isatty()
    for value in values:
        target.write(separator + json.dumps(value, ensure_ascii=only_ascii))
        separator = ",\n"
    target.write("[]\n" if separator == "[\n" else "\n]\n")
