"""Read the fingerprint of a certificate from an argument of the command line."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError

from portal.reports.signatures.visible import visible


def sha256_argument(text: str) -> str:
    """Convert a SHA-256 from the form that openssl prints, with or without colons, to lower-case hex."""
    digits = text.replace(":", "").lower()
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise ArgumentTypeError(
            f"{visible(text)} is not a SHA-256 fingerprint. Enter the 64 hexadecimal digits of a fingerprint."
        )
    return digits
