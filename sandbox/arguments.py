"""Values of command-line arguments."""

from __future__ import annotations

import argparse


def positive(text: str) -> int:
    """Return a whole number. Raise ArgumentTypeError if the number is less than 1."""
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more, not {text}")
    return number
