"""Run a program that reads untrusted content, with limits and without this process's environment variables.

A process with threads cannot safely set limits between fork and exec. So this file is started as a script. The script
sets the limits for its own process. Then it either replaces itself with the program (exec), or runs a Python script of
Surety without starting another process.
"""

from __future__ import annotations

import os
import resource
import runpy
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

# The only environment variables that the program gets, because Surety's own environment contains secrets.
ENVIRONMENT: Final = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
}
FILE_BYTES: Final = 256 * 2**20
NOT_STARTED: Final = 127
# In a command that begins with this text, the next word is the path of a Python script, and not a program.
SCRIPT: Final = "--script"


class ProgramTimeout(Exception):
    """The program did not end in time. The program, and the programs that it started, were killed."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The exit status and output of a program.

    If a signal ended the program, the status is the negative number of the signal.
    """

    status: int
    output: bytes
    errors: bytes


def run(command: Sequence[str], content: bytes, *, seconds: float, memory: int) -> Ended:
    """Run a command with `content` as its input. Raise ProgramTimeout after `seconds`.

    `memory` is the maximum address space of each process in bytes. FILE_BYTES is the maximum size of a written file. If
    the command cannot be started, the exit status is NOT_STARTED.
    """
    process = subprocess.Popen(
        _launcher(int(seconds), memory, *command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
        cwd="/",
        start_new_session=True,
    )
    try:
        output, errors = process.communicate(content, timeout=seconds)
    except subprocess.TimeoutExpired:
        raise ProgramTimeout(f"no answer within {seconds:.0f} seconds") from None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    return Ended(process.returncode, output, errors)


def script_command(script: str, *arguments: str, seconds: int, memory: int) -> list[str]:
    """Return the command of a process that runs a Python script with limits.

    The script must not import modules of Surety. Python's option -I prevents imports from PYTHONPATH and from the
    current folder.
    """
    return _launcher(seconds, memory, SCRIPT, script, *arguments)


def _launcher(seconds: int, memory: int, *command: str) -> list[str]:
    return [sys.executable, "-I", __file__, str(seconds), str(memory), *command]


def set_limits(seconds: int, memory: int) -> None:
    """Limit this process to `seconds` of processor time, `memory` bytes of address space and files of FILE_BYTES."""
    limits = {
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_FSIZE: FILE_BYTES,
        resource.RLIMIT_CORE: 0,
    }
    for which, value in limits.items():
        _, hard = resource.getrlimit(which)
        limit = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (limit, limit))


def main(arguments: Sequence[str]) -> None:
    """Set the limits for this process. Then replace the process by the command or, if the command is a Python script,
    run the script in this process.

    `arguments` are the seconds, the bytes of memory, and the command with its own arguments.
    """
    seconds, memory, *command = arguments
    set_limits(int(seconds), int(memory))
    if command[0] == SCRIPT:
        sys.argv = command[1:]
        runpy.run_path(command[1], run_name="__main__")
        return
    try:
        os.execvp(command[0], command)  # noqa: S606  # nosec B606 - set by the operator
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        sys.exit(NOT_STARTED)


if __name__ == "__main__":
    main(sys.argv[1:])
