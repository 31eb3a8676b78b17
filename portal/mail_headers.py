"""Headers that Surety adds to its mails. In mails that are not sent yet, Surety reads the headers to find mails about a
customer.
"""

from typing import Final

CUSTOMER: Final = "Surety-Customer"
"""The ids of the customers that a mail is about, separated by commas."""
