"""Create and recognize the texts of API tokens, access tokens and client secrets.

Each text has a beginning that names the kind, 30 random characters, and a checksum of 6 characters. So scanners find
tokens in repositories without asking the server. The form follows GitHub's
(https://github.blog/engineering/behind-githubs-new-authentication-token-formats/).
"""

from __future__ import annotations

import re
import secrets
import string
import zlib
from collections.abc import Collection
from typing import Final

API_TOKEN: Final = "surety_pat_"  # noqa: S105 - only the beginning, as in the next two lines
"""A token that a person creates."""
ACCESS_TOKEN: Final = "surety_oat_"  # noqa: S105
"""A token that a program gets in exchange for its client secret."""
CLIENT_SECRET: Final = "surety_ocs_"  # noqa: S105
BEARER: Final = (API_TOKEN, ACCESS_TOKEN)
"""The kinds of tokens with which requests to the API are sent."""
_ALPHABET: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
_RANDOM: Final = 30
"""The number of random characters. 30 characters of base 62 have 178 bits."""
_CHECKSUM: Final = 6
_FORM: Final = re.compile(
    rf"({API_TOKEN}|{ACCESS_TOKEN}|{CLIENT_SECRET})([0-9A-Za-z]{{{_RANDOM}}})([0-9A-Za-z]{{{_CHECKSUM}}})",
    re.ASCII,
)


def new_token(beginning: str = API_TOKEN) -> str:
    """Return a new random token. `beginning` determines the kind of token."""
    random = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM))
    return beginning + random + checksum(random)


def checksum(random: str) -> str:
    """Return the CRC-32 of the random characters in base 62: six characters, with zeros in front."""
    number = zlib.crc32(random.encode("ascii"))
    digits = ""
    for _ in range(_CHECKSUM):
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits


def is_well_formed(text: str, beginnings: Collection[str] = BEARER) -> bool:
    """Return whether a text has one of the given beginnings and a correct checksum. This function does not look up
    whether the token exists.
    """
    found = _FORM.fullmatch(text)
    return found is not None and found[1] in beginnings and checksum(found[2]) == found[3]
