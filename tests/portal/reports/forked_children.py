"""Start the child processes that read and write PDF files as forks of one process, which has already imported the
libraries that they need.

Importing pyHanko takes a child half a second of processor time, and tests verify hundreds of files. The child that
typesets imports Typst and fontTools. A fork runs the same script as a new Python process, with the same arguments,
limits and standard streams, and with an empty environment. Tests of the child processes themselves start new Python
processes (`real_children`), and so do the tests of commands and of the single-file verifier.

This file is also the script of the process that forks. It runs without Django, as the child processes do.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[3]
MAX_ORDER_BYTES = 65536
SIZE_OF_PID = 8
# The modules that the forking process imports once, so that its children need not import them.
IMPORTED = (
    "fontTools.ttLib",
    "pyhanko.pdf_utils.reader",
    "pyhanko.sign.fields",
    "pyhanko.sign.validation.pdf_embedded",
    "typst",
    "portal.reports.verification.archive_process",
)


class Subprocess:
    """Replaces `subprocess` in a module that starts children. Commands that begin with `usual` run as forks, all other
    commands as new processes.

    `run` checks that the module sets the variables `environment` for these forks, but does not pass them on.
    """

    PIPE, CompletedProcess, TimeoutExpired = (
        subprocess.PIPE,
        subprocess.CompletedProcess,
        subprocess.TimeoutExpired,
    )

    # If true, no command runs as a fork.
    is_real = False

    def __init__(self, usual: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        self.usual, self.environment = list(usual), dict(environment or {})

    def run(self, command: Sequence[str], **options: Any) -> subprocess.CompletedProcess[bytes]:
        if self.is_real or list(command[: len(self.usual)]) != self.usual:
            done: subprocess.CompletedProcess[bytes] = subprocess.run(command, **options)  # noqa: PLW1510
            return done
        assert set(options) == {"input", "capture_output", "timeout", "check", "env"}, options
        assert options["env"] == self.environment
        assert options["capture_output"] is True
        assert options["check"] is False
        return _run(command, options["input"], options["timeout"])


@contextmanager
def real_children() -> Iterator[None]:
    """Start new Python processes instead of forks during the block."""
    Subprocess.is_real = True
    try:
        yield
    finally:
        Subprocess.is_real = False


def install() -> None:
    """From now on, let verification and typesetting start forks instead of new Python processes."""
    from portal.files import limited_program
    from portal.reports.layout import typesetter, typesetting
    from portal.reports.verification import archive_process, pdf_inspection, pdf_inspector

    limits = [str(archive_process.PROCESSOR_SECONDS), str(archive_process.MEMORY), str(archive_process._ROOT)]
    usual = [sys.executable, "-I", str(archive_process._CHILD), *limits]
    archive_process.subprocess = Subprocess(usual)  # type: ignore[attr-defined, assignment]
    limits = [str(pdf_inspection.PROCESSOR_SECONDS), str(pdf_inspection.MEMORY)]
    usual = [sys.executable, "-I", pdf_inspector.__file__, *limits]
    pdf_inspection.subprocess = Subprocess(usual)  # type: ignore[attr-defined, assignment]
    usual = limited_program.script_command(
        typesetter.__file__, seconds=typesetting.PROCESSOR_SECONDS, memory=typesetting.MEMORY
    )
    typesetting.subprocess = Subprocess(usual, typesetting._ENVIRONMENT)  # type: ignore[attr-defined, assignment]


def _run(command: Sequence[str], given: bytes, timeout: float) -> subprocess.CompletedProcess[bytes]:
    stdin, ours_in = os.pipe()
    ours_out, stdout = os.pipe()
    ours_errors, stderr = os.pipe()
    told, status = os.pipe()
    theirs = [stdin, stdout, stderr, status]
    socket.send_fds(_forker(), [json.dumps(list(command[2:])).encode()], theirs)
    for descriptor in theirs:
        os.close(descriptor)
    found: dict[str, bytes] = {}

    def write() -> None:
        # The pipe is broken if the child ends before it has read everything.
        with suppress(BrokenPipeError), os.fdopen(ours_in, "wb") as stream:
            stream.write(given)

    def read(name: str, descriptor: int) -> None:
        with os.fdopen(descriptor, "rb") as stream:
            found[name] = stream.read()

    threads = [
        threading.Thread(target=write),
        threading.Thread(target=read, args=("stdout", ours_out)),
        threading.Thread(target=read, args=("stderr", ours_errors)),
    ]
    for thread in threads:
        thread.start()
    pid = int.from_bytes(os.read(told, SIZE_OF_PID))
    # Unlike `select`, `poll` accepts descriptors of 1024 and above.
    waiting = select.poll()
    waiting.register(told, select.POLLIN)
    is_late = not waiting.poll(timeout * 1000)
    if is_late:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    code = int(os.read(told, 16))
    os.close(told)
    for thread in threads:
        thread.join()
    if is_late:
        raise subprocess.TimeoutExpired(command, timeout, found["stdout"], found["stderr"])
    return subprocess.CompletedProcess(command, code, found["stdout"], found["stderr"])


@cache
def _forker() -> socket.socket:
    """Start the process that forks, once per test process. Return the socket over which it gets orders to fork."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-I", __file__, str(PROJECT), str(theirs.fileno())]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()], env={})
    theirs.close()

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def main(root: str, descriptor: int) -> None:
    """Fork a child for each order until the socket is closed."""
    import gc
    import importlib
    from types import ModuleType

    sys.path.insert(0, root)
    package = sys.modules["portal"] = ModuleType("portal")  # see portal.reports.verification.archive_child
    package.__path__ = [str(Path(root, "portal"))]
    for name in IMPORTED:
        importlib.import_module(name)

    sys.path.remove(root)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()
    with socket.socket(fileno=descriptor) as orders:
        while True:
            message, descriptors, _, _ = socket.recv_fds(orders, MAX_ORDER_BYTES, 4)
            if not message:
                return
            if os.fork() == 0:
                orders.close()
                _keep(json.loads(message), descriptors)
            for own in descriptors:
                os.close(own)


def _keep(arguments: list[str], descriptors: list[int]) -> None:
    """Run the script in a child. Write the pid of the child, and later its exit status, to the last descriptor."""
    *streams, status = descriptors
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        os.close(status)
        for number, descriptor in enumerate(streams):
            os.dup2(descriptor, number)
            os.close(descriptor)
        _execute(arguments)
    for descriptor in streams:
        os.close(descriptor)
    os.write(status, pid.to_bytes(SIZE_OF_PID))
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.write(status, str(code).encode())
    os._exit(0)


def _execute(arguments: list[str]) -> None:
    """Run the script as the interpreter does, and end this process with the exit status of the script."""
    import runpy
    import traceback

    code = 1
    try:
        sys.argv = arguments
        runpy.run_path(arguments[0], run_name="__main__")
        sys.stdout.flush()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(BaseException):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
