"""Verify an exported journal with the example script in docs/journal.md."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[4] / "docs" / "journal.md"


def script() -> str:
    """Return the example script from the document."""
    (found,) = re.findall(r"```python\n(.+?)```", DOCUMENT.read_text(), re.DOTALL)
    return str(found)


def verify_offline(folder: Path, content: bytes, *head: str, file: str = "journal.jsonl") -> tuple[int, str]:
    """Run the script on a file, with Python's standard library only. Return its exit status and output."""
    (folder / "verify_journal.py").write_text(script())
    (folder / "journal.jsonl").write_bytes(content)
    command = [sys.executable, "-I", "-S", "verify_journal.py", file, *head]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr
