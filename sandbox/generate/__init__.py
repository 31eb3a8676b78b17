"""Generate fictitious estates of any size from a seed, with the verdicts that a correct engine must give."""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str]) -> int:
    """Run `python -m sandbox generate ARGV`; see `sandbox.generate.command`."""
    from sandbox.generate.command import main as command

    return command(argv)
