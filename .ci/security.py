"""Look for insecure code with bandit, and for known vulnerabilities of the pinned packages with pip-audit.

pip-audit asks OSV (https://osv.dev), a service on the Internet. `make check` must also work without a network: if OSV
cannot be reached, the script does not fail, and its last lines say that no package was audited. If `--require-audit` is
given (`make audit`), the script fails instead. bandit's settings are in pyproject.toml.

With `--code`, only bandit runs. With `--packages`, only pip-audit runs.
"""

from __future__ import annotations

import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SERVICE = "https://api.osv.dev/"
PACKAGES = ("portal", "tenants", "assessments", "sandbox", "cli/src/surety_cli", "manage.py")
REQUIREMENTS = ("requirements.txt", "requirements-dev.txt", "requirements-uv.txt")
NAMES = f"{', '.join(REQUIREMENTS[:-1])} and {REQUIREMENTS[-1]}"
SECONDS = 10


def why_unreachable() -> str:
    """Return why OSV cannot be reached. Return an empty text if OSV answers, even with the status of an HTTP error."""
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


def audit_command() -> list[str]:
    files = [part for name in REQUIREMENTS for part in ("--requirement", name)]
    return [
        sys.executable, "-m", "pip_audit", *files, "--disable-pip", "--require-hashes",
        "--vulnerability-service", "osv", "--progress-spinner", "off", "--timeout", str(SECONDS),
    ]  # fmt: skip


def audit(*, required: bool = False) -> int:
    """Audit the pinned packages with pip-audit, and return its exit status. If OSV cannot be reached, print that
    nothing was audited, and return 1 if `required`, else 0.
    """
    if reason := why_unreachable():
        print(
            f"NOT AUDITED: {SERVICE} cannot be reached ({reason}).\n"
            f"No package of {NAMES} was compared with known vulnerabilities.\n"
            f"Before a release, run `make audit` on a machine that can reach {SERVICE}.",
            flush=True,
        )
        return int(required)
    print(f"Auditing {NAMES} with {SERVICE}", flush=True)
    return subprocess.run(audit_command(), cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    options = set(sys.argv[1:])
    found = 0 if "--packages" in options else bandit()
    if "--code" not in options:
        found = max(found, audit(required="--require-audit" in options))
    sys.exit(found)
