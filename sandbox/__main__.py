"""`python -m sandbox serve|generate ...`: hands the rest of the command line to the command's own module."""

import importlib
import sys

COMMANDS = {"serve": "sandbox.serve", "generate": "sandbox.generate"}


def main(argv: list[str]) -> int:
    """Run the named command's `main(argv)`; exit status 2 for a command line that cannot be understood."""
    if argv and argv[0] in ("-h", "--help"):
        sys.stdout.write(f"usage: python -m sandbox {{{','.join(COMMANDS)}}} ... (each has its own --help)\n")
        return 0
    if not argv or argv[0] not in COMMANDS:
        asked = f"unknown command {argv[0]!r}" if argv else "a command is missing"
        sys.stderr.write(f"sandbox: {asked}; use one of: {', '.join(COMMANDS)}\n")
        return 2
    status: int = importlib.import_module(COMMANDS[argv[0]]).main(argv[1:])
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
