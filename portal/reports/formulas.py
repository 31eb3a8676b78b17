"""What spreadsheets take for a formula, for every table that we give away: a report's, a register's, an export's."""

from typing import Final

# A cell that begins with one of these; the last four are those of East Asian keyboards. Source: OWASP,
# "CSV Injection".
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
