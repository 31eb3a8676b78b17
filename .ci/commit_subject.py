"""Refuse a commit whose subject is too long or does not have the usual form.

After `make hooks`, git runs this script for every commit.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

MAX_LENGTH = 72
# Subjects that git writes itself, which are not checked. Commits with `fixup!`, `squash!` or `amend!` disappear in a
# later rebase.
_OF_GIT = re.compile(r"(fixup|squash|amend)! |Merge |Revert \"|Reapply \"")


def problems(message: str) -> Iterator[str]:
    """Yield what is wrong with the subject of a commit message, and what to do."""
    # Drop the parts that git itself removes: comments, and the diff that `git commit --verbose` appends below the line
    # with the scissors (`>8`).
    text = re.split(r"^# -+ >8 -+$", message, maxsplit=1, flags=re.MULTILINE)[0]
    lines = [line.rstrip() for line in text.splitlines() if not line.startswith("#")]
    while lines and not lines[0]:
        del lines[0]
    if not lines or _OF_GIT.match(lines[0]):
        return
    subject = lines[0]
    if len(subject) > MAX_LENGTH:
        yield f"The subject has {len(subject)} characters. Use at most {MAX_LENGTH}, and put the rest into the body."
    if subject.endswith("."):
        yield "The subject ends with a full stop. Remove it."
    if subject[:1].islower():
        yield "The subject begins with a small letter. Begin with a capital letter."
    if len(lines) > 1 and lines[1]:
        yield "The second line is not empty. Put an empty line between subject and body."


def main() -> int:
    found = list(problems(Path(sys.argv[1]).read_text(encoding="utf-8")))
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
