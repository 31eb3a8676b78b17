"""Run a program that reads untrusted content, with limits and without this process's environment variables.

A process with threads cannot safely set limits between fork and exec. So this file is started as a script, which sets
the limits for itself and then executes the program.
"""

from __future__ import annotations

import os
import resource
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


class ProgramTimeout(Exception):
    """The program did not end in time. The program, and the programs that it started, were killed."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The exit status and output of a program.

    A negative status is the number of the signal that ended the program.
    """

    status: int
    output: bytes
    errors: bytes


def run(command: Sequence[str], content: bytes, *, seconds: float, memory: int) -> Ended:
    """Run a command with `content` as its input. Raise ProgramTimeout after `seconds`.

    `memory` is the maximum address space of each process in bytes. FILE_BYTES is the maximum size of a written file. If
    the command cannot be started, the exit status is NOT_STARTED.
    """
    launcher = [sys.executable, "-I", __file__, str(int(seconds)), str(memory), *command]
    process = subprocess.Popen(
        launcher, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=ENVIRONMENT, cwd="/", start_new_session=True,
    )  # fmt: skip
    try:
        output, errors = process.communicate(content, timeout=seconds)
    except subprocess.TimeoutExpired:
        raise ProgramTimeout(f"no answer within {seconds:.0f} seconds") from None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    return Ended(process.returncode, output, errors)


def main(arguments: Sequence[str]) -> None:
    """Set the limits for this process, then replace it by the command.

    `arguments` are the seconds, the bytes of memory, and the command with its own arguments.
    """
    seconds, memory, command = int(arguments[0]), int(arguments[1]), arguments[2:]
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
    try:
        os.execvp(command[0], list(command))  # noqa: S606  # nosec B606 - set by the operator
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        sys.exit(NOT_STARTED)


if __name__ == "__main__":
    main(sys.argv[1:])
