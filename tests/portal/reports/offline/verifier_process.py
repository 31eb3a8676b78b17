"""Run the single-file verifier like an auditor who does not have Surety."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from portal.reports.offline.bundle import (
    PATH,
)

START = (
    "import json, runpy, sys; sys.path.extend(json.loads(sys.argv.pop(1))); sys.argv.pop(0);"
    " runpy.run_path(sys.argv[0], run_name='__main__')"
)


class Verifier:
    """Runs the verifier in a new process without environment variables, which finds packages only in `packages`."""

    def __init__(self, packages: Path, folder: Path) -> None:
        self.packages, self.folder = packages, folder

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-S", "-c", START, json.dumps([str(self.packages)]), str(PATH)]
        return subprocess.run(
            [*command, *arguments], capture_output=True, text=True, check=False, cwd=self.folder, env={}
        )

    def write(self, name: str, data: bytes) -> str:
        path = self.folder / name
        path.write_bytes(data)
        return str(path)

    def results(self, files: list[bytes], fingerprint: str = "") -> list[dict[str, Any]]:
        """Verify the files in one process."""
        names = [self.write(f"{number}.pdf", data) for number, data in enumerate(files)]
        pinned = ["--fingerprint", fingerprint] if fingerprint else []
        done = self.run("--json", *pinned, *names)
        assert done.stderr == ""
        return [json.loads(line) for line in done.stdout.splitlines()]
