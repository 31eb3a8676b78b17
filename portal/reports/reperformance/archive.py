"""Write `surety-verify` as one file that Python runs: a ZIP file with the program, the controls and their data.

program_archive() -> bytes

The file contains only what the program needs. From the package `portal`, it has single functions, classes and
constants. From the package `assessments`, it has whole modules, because the catalogue finds the modules of controls by
searching the folder `assessments/controls`, and the hash of the catalogue covers all code that judges. The program
judges with the code of this version of Surety, so it gives the same verdicts as this version. It needs neither Django
nor a database. Equal versions of Surety give equal bytes.
"""

from __future__ import annotations

import zipfile
from functools import cache
from io import BytesIO
from threading import Lock
from typing import Final

from assessments.controls.registry import judging_modules
from portal.reports.offline.bundle import ROOT, definitions, whole_modules

NAME: Final = "surety-verify.pyz"
PROGRAM: Final = "portal.reports.reperformance.program"
# The folder of the files with the requirements of frameworks. The program needs these files, because modules of
# `assessments` read them.
_DATA: Final = ROOT / "assessments" / "frameworks" / "data"
# The earliest time that a ZIP file can state. With a fixed time, equal programs give equal files.
_TIME: Final = (1980, 1, 1, 0, 0, 0)
# `cache` does not prevent several threads from computing the first result at the same time. Computing the result takes
# seconds of processor time, so the lock lets only one thread do this.
_computing: Final = Lock()
_MAIN: Final = '''\
"""Judge the evidence bundle of a Surety report again. Requires Python 3.12 or newer and pyHanko."""

import os
import sys

NOT_JUDGED = 70
# The status that shells show for a program that ended because of the signal SIGPIPE.
READER_GONE = 141


def refuse(text):
    """End the program before anything was judged. Status 1, the default, would mean that verdicts differ."""
    print(text, file=sys.stderr)
    sys.exit(NOT_JUDGED)


if sys.version_info < (3, 12):
    refuse("This program requires Python 3.12 or newer.")

_OWN = {os.path.dirname(path(sys.path[0])) for path in (os.path.abspath, os.path.realpath)}
# Files of others beside this program or in the current folder, such as a json.py, must not be imported.
_OWN.add(os.path.abspath(""))
sys.path[:] = [
    path for path in sys.path if path and not {os.path.abspath(path), os.path.realpath(path)} & _OWN
]

import json
import traceback

if sys.argv[1:2] in (["--inspect-from-standard-input"], ["--check-from-standard-input"]):
    # This process is the child that parses the report. Use the search path of the parent process.
    sys.path[1:] = [path for path in json.loads(sys.argv[2]) if path != sys.path[0]]

try:
    import pyhanko  # noqa: F401
except ImportError:
    refuse("This program requires pyHanko. Install it with: python -m pip install pyhanko")

try:
    from portal.reports.reperformance.program import main

    status = main(sys.argv[1:], sys.argv[0])
    sys.stdout.flush()
except BrokenPipeError:
    # The program that reads the output, such as `head`, has ended. Redirect stdout to the null device, so that Python
    # does not fail again when it flushes stdout at exit.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    status = READER_GONE
except Exception:
    traceback.print_exc()
    status = NOT_JUDGED
sys.exit(status)
'''


def program_archive() -> bytes:
    """Return the content of `surety-verify.pyz`. Raises CannotBundle if the program needs code that the file cannot
    contain.
    """
    with _computing:
        return _archive()


@cache
def _archive() -> bytes:
    files = _files()
    out = BytesIO()
    out.write(b"#!/usr/bin/env python3\n")
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, _TIME), files[name], zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _files() -> dict[str, bytes]:
    """Return {path in the ZIP file: content}."""
    texts, reached = definitions(PROGRAM, "main", whole=frozenset({"assessments"}))
    found = {"__main__.py": _MAIN.encode()}
    for name, text in texts.items():
        parts = name.split(".")
        found["/".join(parts) + ".py"] = text.encode()
        # In the ZIP file, the packages of the portal have an empty `__init__`, because the real `__init__` of `portal`
        # starts Celery.
        found |= {"/".join([*parts[:depth], "__init__.py"]): b"" for depth in range(1, len(parts))}
    for path in whole_modules({*reached, *judging_modules()}):
        found[path.relative_to(ROOT).as_posix()] = path.read_bytes()
    return found | {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in _DATA.glob("*.toml")}
