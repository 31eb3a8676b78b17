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
import tempfile
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
    with socket.socket(socket.AF_UNIX) as status:
        status.connect(_forker())
        socket.send_fds(status, [json.dumps(options).encode()], [stdin, stdout])
        os.close(stdin)
        os.close(stdout)
        try:
            with open(output, encoding="utf-8") as lines:
                line = lines.readline()
                assert line, f"the sandbox exited with status {status.recv(16)!r} before it was ready"
                yield json.loads(line)
        finally:
            os.close(keeps_running)
            status.settimeout(END_SECONDS)
            ended = status.recv(16)
        assert ended == b"0"


@cache
def _forker() -> str:
    """Start the process that forks, once per test process; return the path of its socket."""
    folder = tempfile.TemporaryDirectory()
    path = str(Path(folder.name) / "forks")
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, path], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )

    def end() -> None:
        process.communicate()
        folder.cleanup()

    atexit.register(end)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return path


def main(path: str) -> None:
    """Fork a sandbox for each connection until the end of standard input."""
    from sandbox import serve  # noqa: F401 - the import is what the forked processes save

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            sources: list[Any] = [listening, 0]
            ready, _, _ = select.select(sources, [], [])
            if listening not in ready:
                return
            status, _ = listening.accept()
            if os.fork() == 0:
                listening.close()
                _serve(status)
            status.close()


def _serve(status: socket.socket) -> None:
    code = 1
    try:
        from sandbox import serve

        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        message, descriptors, _, _ = socket.recv_fds(status, 65536, 2)
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
            os.close(descriptor)
        code = serve.main(json.loads(message))
    except BaseException:
        traceback.print_exc()
    finally:
        status.sendall(str(code).encode())
        os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1])
