"""Run programs in new processes that have imported nothing of Surety, each with its own environment variables.

Starting Python and importing the libraries that the settings import takes most of a second. So one process imports
these libraries once, and each program runs in a fork of that process.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from portal.settings.env import BASE_DIR
from tests import slow_tests

# Most of the libraries that the settings import.
LIBRARIES = (
    "asgiref.sync",
    "celery.app",
    "celery.worker.consumer",
    "django.conf",
    "django.utils.deprecation",
    "kombu.transport.redis",
    "psycopg",
    "redis.asyncio",
    "structlog",
)
# Libraries that are imported only by commands that read from Azure.
AZURE_LIBRARIES = (
    "azure.identity",
    "azure.mgmt.authorization",
    "azure.mgmt.compute",
    "azure.mgmt.monitor",
    "azure.mgmt.network",
    "azure.mgmt.resource.policy",
    "azure.mgmt.resource.resources",
    "azure.mgmt.security",
    "azure.mgmt.sql",
    "azure.mgmt.storage",
    "jwt",
    "openpyxl",
)
INHERITED = ("PATH", "LANG", "TMPDIR")
SERVER = """
import importlib, json, os, signal, sys, traceback
for name in sys.argv[1:]:
    importlib.import_module(name)
assert not {"portal", "tenants", "assessments"} & sys.modules.keys()
for line in sys.stdin:
    task = json.loads(line)
    if child := os.fork():
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
        continue
    status = 1
    signal.alarm(task["seconds"])  # Ends a program that hangs.
    try:
        os.environ.clear()
        os.environ.update(task["environment"])
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for number, name in ((1, "stdout"), (2, "stderr")):
            os.dup2(os.open(task[name], os.O_WRONLY | os.O_CREAT), number)
        sys.argv[1:] = task["arguments"]
        exec(task["program"], {"__name__": "__main__"})
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
"""


MANAGE = """
import runpy, sys
sys.argv[0] = "manage.py"
runpy.run_path("manage.py", run_name="__main__")
"""
"""A program that runs a command of manage.py. Its arguments are the command's name and arguments."""


@cache
def _server(libraries: tuple[str, ...]) -> subprocess.Popen[str]:
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, *libraries],
        cwd=BASE_DIR,
        env=_inherited() | {"PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    slow_tests.helpers.add(server.pid)
    atexit.register(server.communicate)  # Closes stdin, which ends the server.
    return server


def _inherited() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key in INHERITED}


def run_fresh(
    program: str,
    arguments: list[str],
    environment: dict[str, str],
    *,
    with_azure: bool = False,
    seconds: int = 60,
) -> subprocess.CompletedProcess[str]:
    """Run a Python program with these arguments and variables, and with PATH, LANG and TMPDIR of this process.

    A program that runs longer than `seconds` is killed, and its status is -14. With `with_azure`, the process that runs
    the program has also imported Azure's libraries.
    """
    server = _server((*LIBRARIES, *AZURE_LIBRARIES) if with_azure else LIBRARIES)
    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder, name) for name in ("stdout", "stderr")}
        task = {
            "program": program,
            "arguments": arguments,
            "environment": _inherited() | environment,
            "seconds": seconds,
            **{name: str(path) for name, path in files.items()},
        }
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(json.dumps(task) + "\n")
        server.stdin.flush()
        status = int(server.stdout.readline())
        texts = {name: path.read_text("utf-8") for name, path in files.items()}
    return subprocess.CompletedProcess([program, *arguments], status, **texts)
