"""Write the Python client of the API, `cli/src/surety_client`, from the OpenAPI document with openapi-python-client.

    python .ci/api_client.py          # write the client
    python .ci/api_client.py --check  # exit with status 1 if the client is out of date

The script also fails if the generator warns. A warning means that the client would lack an operation or a response of
the API.
"""

from __future__ import annotations

import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "portal" / "api" / "openapi.json"
SETTINGS = ROOT / "cli" / "client.yaml"
CLIENT = ROOT / "cli" / "src" / "surety_client"


def generate(folder: Path) -> None:
    """Generate the client in `folder`, which must not exist yet."""
    programs = Path(sys.executable).parent
    subprocess.run(
        [
            programs / "openapi-python-client",
            "generate",
            "--fail-on-warning",
            "--meta=none",
            f"--path={DOCUMENT}",
            f"--config={SETTINGS}",
            f"--output-path={folder}",
        ],
        # The generator formats its files with the first ruff in PATH, so put the ruff of this environment first.
        env={**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"},
        stdout=subprocess.DEVNULL,
        cwd=folder.parent,
        check=True,
    )
    (folder / "py.typed").write_text("", encoding="utf-8")
    shutil.rmtree(folder / ".ruff_cache", ignore_errors=True)


def differences(generated: Path, stored: Path) -> Iterator[str]:
    """Yield the names of files that differ between the two folders, or that are missing in one of the two folders."""
    names = {
        str(path.relative_to(folder))
        for folder in (generated, stored)
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    for name in sorted(names):
        one, other = generated / name, stored / name
        if not (one.is_file() and other.is_file() and filecmp.cmp(one, other, shallow=False)):
            yield name


def main() -> int:
    """Write the client. If --check is given, only compare it with the committed client."""
    with tempfile.TemporaryDirectory() as place:
        generated = Path(place) / CLIENT.name
        generate(generated)
        changed = list(differences(generated, CLIENT))
        if "--check" in sys.argv:
            if changed:
                print(
                    "cli/src/surety_client is out of date. Run make docs and commit the result.",
                    file=sys.stderr,
                )
            return 1 if changed else 0
        if changed:
            shutil.rmtree(CLIENT, ignore_errors=True)
            shutil.copytree(generated, CLIENT, ignore=shutil.ignore_patterns("__pycache__"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
