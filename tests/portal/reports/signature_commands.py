"""Run the commands that reports print for readers who check the signature."""

from __future__ import annotations

import shutil
import subprocess
from html import unescape
from pathlib import Path

from django.conf import settings

COMMANDS = Path(settings.BASE_DIR) / "templates" / "reports" / "pdf" / "_signature_commands.html"


def printed_commands() -> str:
    return unescape(COMMANDS.read_text()).removeprefix("<pre>").rstrip().removesuffix("</pre>")


def run_printed_commands(folder: Path, data: bytes) -> str:
    """Run the printed commands on the report, in an empty folder, and return their output."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "report.pdf").write_bytes(data)
    done = subprocess.run(
        ["sh", "-c", printed_commands()], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr
