"""Look for insecure code with bandit, and for known vulnerabilities of the pinned packages with pip-audit.

pip-audit asks OSV (https://osv.dev), a service on the Internet. Where it cannot be reached, the script says so and
does not fail: `make check` also works without a network. bandit's settings are in pyproject.toml.
"""

from __future__ import annotations

import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SERVICE = "https://api.osv.dev/"
PACKAGES = ("portal", "tenants", "assessments", "sandbox", "manage.py")
SECONDS = 10


def reachable() -> str:
    """Return why the service cannot be reached; empty if it answers, with whatever status."""
    try:
        urllib.request.urlopen(SERVICE, timeout=SECONDS).close()
    except urllib.error.HTTPError:
        return ""
    except OSError as error:
        return str(error)
    return ""


def bandit() -> int:
    command = [
        sys.executable,
        "-m",
        "bandit",
        "--quiet",
        "--recursive",
        "--configfile",
        "pyproject.toml",
        *PACKAGES,
    ]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def audit() -> int:
    if reason := reachable():
        print(f"pip-audit: skipped, {SERVICE} cannot be reached ({reason}). Dependencies were NOT checked.")
        return 0
    command = [
        sys.executable, "-m", "pip_audit", "--requirement", "requirements.txt", "--disable-pip", "--require-hashes",
        "--vulnerability-service", "osv", "--progress-spinner", "off", "--timeout", str(SECONDS),
    ]  # fmt: skip
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(max(bandit(), audit()))
