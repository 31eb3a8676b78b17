"""Email addresses of people."""

from __future__ import annotations

import re
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from tenants.errors import invalid

_ASCII: Final = re.compile(r"[!-~]+")


def clean_address(text: str, field: str) -> str:
    """Return an email address in lower case, without surrounding spaces. Raise InvalidInput for `field`.

    Only printable ASCII is accepted, because mail libraries map other characters in a domain (IDNA). An address with
    an invisible character would look like another address and reach the same mailbox, but would belong to a different
    account.
    """
    address = text.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise invalid(field, "Enter an email address, such as jo@example.com.") from None
    if not _ASCII.fullmatch(address):
        raise invalid(
            field,
            "Enter an email address of ASCII characters only. Write the domain as in DNS (“xn--…”).",
        )
    return address
