"""Quote values that come from Azure, for Bash and for PowerShell.

An administrator pastes commands with names that anybody may have chosen. So a value that a terminal or the Azure CLI
could interpret is not filled in (`is_plain`).
"""

from __future__ import annotations

import shlex
from typing import Final

from assessments.estate.redact import REDACTED

_MAX_LENGTH: Final = 1024
# PowerShell treats all of these characters as a single quotation mark.
# https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_quoting_rules
_SINGLE_QUOTES: Final = "'\u2018\u2019\u201a\u201b"


def is_plain(value: str) -> bool:
    """Return whether a value may be inserted into commands. These values are refused:

    - control characters, which a terminal obeys even in quotation marks, and invisible characters
    - a leading `-` (an option) or `@` (a file: https://learn.microsoft.com/cli/azure/use-azure-cli-successfully-tips)
    - empty and too long values, and `[redacted]`
    """
    return (
        0 < len(value) <= _MAX_LENGTH and value.isprintable() and value[0] not in "-@" and value != REDACTED
    )


def bash(value: str) -> str:
    """Return a value as one word of Bash."""
    return shlex.quote(value)


def powershell(value: str) -> str:
    """Return a value as a single-quoted string of PowerShell."""
    return "'" + "".join(mark * 2 if mark in _SINGLE_QUOTES else mark for mark in value) + "'"
