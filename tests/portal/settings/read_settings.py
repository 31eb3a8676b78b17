"""Settings as a new process reads them from the environment."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.fresh import run_fresh

URLS = {
    "DATABASE_URL": "postgresql://app:p%40ss@db.example:6432/surety?sslmode=verify-full",
    "DATABASE_OWNER_URL": "postgresql://owner:x@db.example:6432/surety",
    "BROKER_URL": "rediss://:x@broker.example:6380/0",
}
PROGRAM = """
import json, sys
from django.conf import settings
print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}, default=str))
"""


def run(home: Path, names: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {"DJANGO_SETTINGS_MODULE": "portal.settings", "SURETY_HOME": str(home), **environment}
    return run_fresh(PROGRAM, names, variables)


def read(home: Path, *names: str, **environment: str) -> dict[str, Any]:
    done = run(home, list(names), **environment)
    assert done.returncode == 0, done.stderr
    values: dict[str, Any] = json.loads(done.stdout)
    return values
