"""Estates of any size, made up from a seed, with the verdicts that their deliberate faults must cause."""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str]) -> int:
    """`python -m sandbox generate ARGV`; see `sandbox.generate.command`."""
    from sandbox.generate.command import main as command

    return command(argv)
