"""Values that may become part of a command which people paste into a shell."""

from __future__ import annotations

import re
from typing import Final

from tenants.errors import SuretyError

_GUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def checked_guid(value: str) -> str:
    """Return the value, or raise SuretyError if it is not a GUID. A GUID is safe in any shell without quotes."""
    if not _GUID.fullmatch(value):
        raise SuretyError(
            f"Surety cannot show the commands, because {value[:80]!r} is not a valid id (GUID). Check the"
            " permissions again.",
            code="not_a_guid",
        )
    return value
