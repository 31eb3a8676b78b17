"""Headers that Surety sets in its mails, and reads in mails that are not sent yet, to find those about a customer."""

from typing import Final

CUSTOMER: Final = "Surety-Customer"
"""The ids of the customers that a mail is about, separated by commas."""
