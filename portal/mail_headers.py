"""Headers that Surety adds to its mails. When a customer is erased, Surety finds the stored mails about this customer
by these headers, and deletes them.
"""

from typing import Final

CUSTOMER: Final = "Surety-Customer"
"""The ids of the customers that a mail is about, separated by commas."""
