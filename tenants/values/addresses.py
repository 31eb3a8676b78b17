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

    Only printable ASCII is accepted. Otherwise, an address that looks different, but reaches the same mailbox (IDNA),
    would belong to another account.
    """
    address = text.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise invalid(field, "Enter an email address, such as jo@example.com.") from None
    if not _ASCII.fullmatch(address):
        raise invalid(
            field,
            "Enter an email address that contains only ASCII characters. Write the domain in the form “xn--…”, as in"
            " DNS.",
        )
    return address
