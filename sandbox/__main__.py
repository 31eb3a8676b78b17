"""`python -m sandbox serve|generate|act ...`: run the module of the command with the remaining arguments."""

import importlib
import sys

COMMANDS = {"serve": "sandbox.serve", "generate": "sandbox.generate", "act": "sandbox.act"}


def main(argv: list[str]) -> int:
    """Run the command and return its exit status; 2 for an unknown or missing command."""
    if argv and argv[0] in ("-h", "--help"):
        sys.stdout.write(
            f"usage: python -m sandbox {{{','.join(COMMANDS)}}} ... (--help after a command shows its options)\n"
        )
        return 0
    if not argv or argv[0] not in COMMANDS:
        problem = f"unknown command {argv[0]!r}" if argv else "no command given"
        sys.stderr.write(f"sandbox: {problem}. Use one of: {', '.join(COMMANDS)}\n")
        return 2
    status: int = importlib.import_module(COMMANDS[argv[0]]).main(argv[1:])
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
