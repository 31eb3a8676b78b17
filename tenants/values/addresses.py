"""Email addresses of people."""

from __future__ import annotations

import re
from email.headerregistry import AddressHeader
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from tenants.errors import InvalidInput, invalid

MAX_ADDRESS: Final = 254
"""The maximum number of characters of an email address, which is also the length of the columns with addresses."""
_ASCII: Final = re.compile(r"[!-~]+")


def clean_address(text: str, field: str) -> str:
    """Return an email address in lower case, without surrounding spaces. Raise InvalidInput about `field` if
    the address is not accepted.

    Only printable ASCII is accepted. Otherwise, two different addresses that reach the same mailbox (IDNA)
    could have two accounts, and people could mistake an address for a similar one. An address is also refused if Django
    cannot send mail to it, for example because it begins like an encoded word (RFC 2047).
    """
    address = text.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise _no_address(field) from None
    if len(address) > MAX_ADDRESS:
        raise invalid(field, f"Enter an email address of at most {MAX_ADDRESS} characters.")
    if not _ASCII.fullmatch(address):
        raise invalid(
            field,
            "Enter an email address that contains only ASCII characters. Write the domain in the form “xn--…”, as in"
            " DNS.",
        )
    if AddressHeader.value_parser(address).all_defects:
        raise _no_address(field)
    return address


def _no_address(field: str) -> InvalidInput:
    return invalid(field, "Enter an email address, such as jo@example.com.")
