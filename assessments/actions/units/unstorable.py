"""Recognize database errors about a value that cannot be stored. Repeating the transaction would fail in the same
way.
"""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Final

from django.db import DataError, Error

from tenants.errors import SuretyError

CODE: Final = "value_not_storable"
# {error code of PostgreSQL: kind of value that PostgreSQL refuses with this code}. The codes (SQLSTATE) are in appendix
# A of the documentation of PostgreSQL.
_KINDS: Final = {
    "22001": "a text that is too long for its column",
    "22003": "a number that is too large or too small",
    "22007": "a text that is not a date or time",
    "22008": "a date or time outside of the possible range",
    "22021": "a character that UTF-8 cannot contain",
    "22P02": "a text that is not a number, an ID or JSON",
    "22P05": "a character that the database cannot contain",
    "22032": "a JSON document that the database cannot read",
    "54000": "a value that is too large",
    "54001": "a value that is nested too deeply",
}
_CHARACTER: Final = "a character that the database cannot contain, such as NUL"


class NotStorable(SuretyError, code=CODE):
    """A value of the results cannot be stored. The message names the kind of the value and says what to do."""


def not_storable(error: Error | UnicodeEncodeError) -> NotStorable | None:
    """Return NotStorable if the database refused a value. Return None for other errors, such as a lost connection.

    The message contains no value, because a value can be confidential.
    """
    state = _sqlstate(error)
    if isinstance(error, UnicodeEncodeError):
        kind = _CHARACTER
    elif state in _KINDS:
        kind = _KINDS[state]
    elif isinstance(error, DataError):
        # NUL characters are refused by the database driver, not by PostgreSQL, so the error has no PostgreSQL code.
        kind = f"a value that PostgreSQL refuses with the code {state}" if state else _CHARACTER
    else:
        return None
    return NotStorable(
        f"An answer from Azure contains {kind}, so no results of this unit were stored. Other units are not affected."
        " Report this to the developers of Surety, with the worker’s log line “results cannot be stored” of this unit."
        " The cause is probably a resource that has changed since the last assessment. If you know this resource,"
        " correct it in Azure or exclude its subscription, then retry the assessment."
    )


def facts_of(error: Error | UnicodeEncodeError) -> dict[str, str]:
    """Return facts for the log, without the value: the type of the error, PostgreSQL's error code, and the last place
    in the traceback that is in the package `assessments.actions` (file, line and function).
    """
    package = str(Path(__file__).parents[1])
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(package)
    ]
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno} {frames[-1].name}" if frames else ""
    return {"error": type(error).__name__, "sqlstate": _sqlstate(error), "place": place}


def _sqlstate(error: Exception) -> str:
    return getattr(error.__cause__, "sqlstate", None) or ""
