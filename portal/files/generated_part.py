"""Replace the generated part of a text file that people also edit by hand."""

from __future__ import annotations

import re
from typing import Final

END: Final = "<!-- End of the generated table -->"


def replace_table(page: str, start: str, table: str) -> str:
    """Return the Markdown page with `table` between the comment `start` and the next `END`. Raise ValueError unless the
    page has exactly one such part.
    """
    part = re.compile(f"{re.escape(start)}.*?{re.escape(END)}", re.DOTALL)
    replaced, count = part.subn(lambda _: f"{start}\n\n{table}\n\n{END}", page)
    if count != 1:
        raise ValueError(f"The page must have exactly one pair of markers around the table: {start}")
    return replaced
