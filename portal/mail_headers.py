"""Headers of mails that Surety reads again."""

from typing import Final

CUSTOMER: Final = "Surety-Customer"
"""The ids of the customers that a mail is about, separated by commas."""
