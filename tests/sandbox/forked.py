"""Sandboxes that start in milliseconds: each is forked from a process that has imported the sandbox's modules.

Python needs half a second of processor time for these imports, which tests with many estates would pay for each of
them. `running` starts the program as its users do.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
END_SECONDS = 10


@contextmanager
def forked(state: Path, *arguments: str | Path) -> Iterator[dict[str, Any]]:
    """Serve estates in the block, and yield the sandbox's line on standard output.

    The sandbox must then end with status 0 at the end of its standard input.
    """
    options = [*map(str, arguments), "--port", "0", "--until-eof", "--state", str(state)]
    stdin, keeps_running = os.pipe()
    output, stdout = os.pipe()
    status, told = os.pipe()
    socket.send_fds(_forker(), [json.dumps(options).encode()], [stdin, stdout, told])
    for descriptor in (stdin, stdout, told):
        os.close(descriptor)
    try:
        with open(output, encoding="utf-8") as lines:
            line = lines.readline()
            assert line, f"the sandbox exited with status {os.read(status, 16)!r} before it was ready"
            yield json.loads(line)
    finally:
        os.close(keeps_running)
        in_time = select.select([status], [], [], END_SECONDS)[0]
        ended = os.read(status, 16) if in_time else b"still running"
        os.close(status)
    assert ended == b"0"


@cache
def _forker() -> socket.socket:
    """Start the process that forks, once per test process; return the socket that takes its orders.

    The process ends when the socket is closed, at the latest with the test process. No file is involved, because
    a test may remove or replace temporary folders.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-m", __name__, str(theirs.fileno())]
    process = subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()])
    theirs.close()

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def main(descriptor: int) -> None:
    """Fork a sandbox for each order until the socket is closed."""
    from sandbox import serve  # noqa: F401 - the import is what the forked processes save

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()
    with socket.socket(fileno=descriptor) as orders:
        while True:
            message, descriptors, _, _ = socket.recv_fds(orders, 65536, 3)
            if not message:
                return
            if os.fork() == 0:
                orders.close()
                _serve(json.loads(message), descriptors)
            for descriptor in descriptors:
                os.close(descriptor)


def _serve(options: list[str], descriptors: list[int]) -> None:
    code, (stdin, stdout, status) = 1, descriptors
    try:
        from sandbox import serve

        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, descriptor in enumerate((stdin, stdout)):
            os.dup2(descriptor, number)
            os.close(descriptor)
        code = serve.main(options)
    except BaseException:
        traceback.print_exc()
    finally:
        os.write(status, str(code).encode())
        os._exit(code)


if __name__ == "__main__":
    main(int(sys.argv[1]))
