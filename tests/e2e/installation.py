"""An installation that starts empty. Tests run `manage.py serve` and other commands in it, as an operator does."""

from __future__ import annotations

import email
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.policy import default
from pathlib import Path

from portal.embedded import ServerFiles, Valkey
from tests.e2e import later
from tests.fresh import MANAGE, run_fresh
from tests.sandbox.running import PROJECT

START_SECONDS = 180
COMMAND_SECONDS = 300
STOP_SECONDS = 60
# Variables about the installation in which the tests themselves run. The new installation must not inherit them.
_OF_THE_TESTS = frozenset({"DATABASE_URL", "BROKER_URL", "CACHE_URL", "DJANGO_SETTINGS_MODULE"})


class Installation:
    """An installation in a folder of its own. The function `installation` removes the folder."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.log = folder / "serve.log"
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.url = f"http://127.0.0.1:{free.getsockname()[1]}"
        given = {name: value for name, value in os.environ.items() if name not in _OF_THE_TESTS}
        self.environment = {**given, "SURETY_HOME": str(self.home), "SURETY_URL": self.url}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start the site and its workers. Return what the terminal shows until they are ready."""
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "manage.py", "serve"],
                cwd=PROJECT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        # At the first start, the text contains the set-up link, which is printed before the worker is ready.
        return self.waited(lambda: text if " ready." in (text := self.log.read_text()) else "", START_SECONDS)

    def run(self, *words: str | Path) -> str:
        """Run a command of manage.py. Return its output and messages."""
        done = self._run(list(map(str, words)))
        assert done.returncode == 0, f"{words}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done.stdout + done.stderr

    def _run(self, words: list[str]) -> subprocess.CompletedProcess[str]:
        if later.PRELOAD not in self.environment:
            return run_fresh(MANAGE, words, self.environment, with_azure=True, seconds=COMMAND_SECONDS)
        # libfaketime is loaded when a process starts, so it has no effect in the forked processes of `run_fresh`.
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=PROJECT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def kill_broker(self) -> None:
        """Kill the broker with SIGKILL, and wait until `manage.py serve` has started another broker."""
        valkey = Valkey(self.home)
        before = valkey.pid()
        assert before is not None
        os.kill(before, signal.SIGKILL)
        self.waited(lambda: "" if valkey.pid() in (None, before) else "started")

    def restart_later(self, days: int) -> None:
        """Stop everything, and start it again with a clock that is this many days ahead of the real one."""
        self.stop()
        self.run("services", "stop")
        later.start_database(self.home, days)
        self.environment |= later.environment(days)
        self.start()

    def stop(self) -> None:
        """Stop `manage.py serve` with SIGTERM, as a service manager does. `serve` then stops only the embedded servers
        that it has started itself.
        """
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            finally:
                self._process.kill()
                self._process = None

    def print_errors(self) -> None:
        """Print the errors of the log, which pytest shows if the test fails."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        sys.stderr.writelines(f"{line[:4000]}\n" for line in lines if '"level": "error"' in line)

    def waited(self, found: Callable[[], str], seconds: float = 60) -> str:
        """Call `found` until it returns a text that is not empty, and return this text. Fail after `seconds`."""
        deadline = time.monotonic() + seconds
        while not (text := found()):
            assert self._process is not None
            assert self._process.poll() is None, self.log.read_text()[-3000:]
            assert time.monotonic() < deadline, self.log.read_text()[-3000:]
            time.sleep(0.2)
        return text

    def mailed_link(self, address: str, path: str) -> str:
        """Wait for a mail to this address that contains a link whose path begins with `path`. Return the link."""
        pattern = re.compile(re.escape(self.url + path) + r"\S+")

        def link() -> str:
            for file in sorted((self.home / "mail").glob("*")):
                try:
                    mails = file.read_bytes()
                except FileNotFoundError:  # An erasure has deleted the file in the meantime.
                    continue
                for mail in mails.split(b"\n" + b"-" * 79 + b"\n"):
                    message = email.message_from_bytes(mail, policy=default)
                    body = message.get_body(("plain",)) if message["To"] == address else None
                    if body is not None and (found := pattern.search(body.get_content())):
                        return found[0]
            return ""

        return self.waited(link)


@contextmanager
def installation() -> Iterator[Installation]:
    """Yield an installation that has no files yet. At the end, stop and remove it."""
    folder = Path(tempfile.mkdtemp(prefix="surety-e2e-"))
    folder.chmod(0o711)  # The embedded servers run as another user, who must be able to reach their files.
    made = Installation(folder)
    try:
        yield made
    finally:
        made.stop()
        made.print_errors()
        ServerFiles(made.home).remove()
        shutil.rmtree(folder)
