"""Headers that Surety adds to its mails."""

from __future__ import annotations

from email.utils import parseaddr
from typing import Final

from django.conf import settings

CUSTOMER: Final = "Surety-Customer"
"""The ids of the customers that a mail is about, separated by commas. When a customer is erased, Surety finds the
stored mails about this customer by this header, and deletes them.
"""


def message_id(name: str) -> str:
    """Return the Message-ID `<name@domain>` with the domain of Surety's own address. Equal names give equal ids, so
    mail programs recognize a mail that is sent twice.
    """
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{name}@{domain}>"
