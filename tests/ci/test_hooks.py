"""The hooks of `make hooks` do not change generated files.

When ruff searches a folder, it skips these files. When the hooks pass them by name, ruff skips them only with the
option `--force-exclude`.
"""

from __future__ import annotations

import shlex
import subprocess
from typing import Final

import pytest
import yaml

from portal.settings.env import BASE_DIR

GENERATED: Final = (
    "cli/src/surety_client/api/findings/list_findings.py",
    "cli/src/surety_cli/surety_verify.py",
)
COMPARE_ONLY: Final = {"ruff-check": "--no-fix", "ruff-format": "--check"}


@pytest.mark.parametrize("hook", COMPARE_ONLY)
def test_hooks_for_python_leave_generated_files_alone(hook: str) -> None:
    (local,) = yaml.safe_load((BASE_DIR / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    (entry,) = (one["entry"] for one in local["hooks"] if one["id"] == hook)
    found = subprocess.run(
        [*shlex.split(entry), COMPARE_ONLY[hook], "--no-cache", *GENERATED],
        cwd=BASE_DIR, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stdout + found.stderr
