"""The text of an API token: how it is made, recognized and stored.

A token is `surety_pat_`, 30 random characters and 6 characters of a checksum. The fixed beginning lets scanners find
tokens in repositories. With the checksum, scanners distinguish a token from a similar text without asking the server.
The form follows GitHub's (https://github.blog/engineering/behind-githubs-new-authentication-token-formats/).
"""

from __future__ import annotations

import re
import secrets
import string
import zlib
from typing import Final

PREFIX: Final = "surety_pat_"
_ALPHABET: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
_RANDOM: Final = 30
"""Random characters of base 62: 178 bits."""
_CHECKSUM: Final = 6
_FORM: Final = re.compile(rf"{PREFIX}([0-9A-Za-z]{{{_RANDOM}}})([0-9A-Za-z]{{{_CHECKSUM}}})", re.ASCII)


def new_token() -> str:
    """Return a new random token."""
    random = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM))
    return PREFIX + random + checksum(random)


def checksum(random: str) -> str:
    """Return the CRC-32 of the random characters in base 62: six characters, with zeros in front."""
    number = zlib.crc32(random.encode("ascii"))
    digits = ""
    for _ in range(_CHECKSUM):
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits


def is_well_formed(text: str) -> bool:
    """Return whether a text has the form of a token, with the right checksum. The token need not exist."""
    found = _FORM.fullmatch(text)
    return found is not None and checksum(found[1]) == found[2]
