"""A real gunicorn with the product's configuration, on a TCP port and a Unix socket, for tests that attack it."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connections

from portal.embedded import Valkey
from portal.settings.env import BASE_DIR
from tests.databases import database_url

START_SECONDS = 60


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: str


@dataclass
class Server:
    """A running web server. Requests go to its TCP port or, with `unix`, to its socket at `path`."""

    port: int
    path: Path
    log: Path
    process: subprocess.Popen[bytes]
    cookies: dict[str, str] = field(default_factory=dict)

    def connect(self, *, unix: bool = False, timeout: float = 20) -> socket.socket:
        if not unix:
            return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)
        made = socket.socket(socket.AF_UNIX)
        made.settimeout(timeout)
        made.connect(str(self.path))
        return made

    def request(
        self, method: str, path: str, body: bytes | None = None, *, unix: bool = False, **headers: str
    ) -> Answer:
        """Send a request with the cookies of earlier answers. Header names are given with underscores."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.sock = self.connect(unix=unix)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            given["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request(method, path, body, given)
        response = connection.getresponse()
        answer = Answer(
            response.status, dict(response.getheaders()), response.read().decode(errors="replace")
        )
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        connection.close()
        return answer

    def memory_kib(self) -> int:
        """Return the resident memory of the worker process."""
        pid = self.process.pid
        (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{child}/status").read_text()).group(1))

    def sign_in(self, email: str, password: str, *, unix: bool = False, **headers: str) -> Answer:
        """Open the sign-in page and send its form."""
        self.cookies.clear()
        page = self.request("GET", "/accounts/login/", unix=unix, **headers)
        assert page.status == 200, (page.status, page.headers, page.body[:500])
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.body).group(1)
        form = {"csrfmiddlewaretoken": token, "login": email, "password": password}
        return self.request(
            "POST", "/accounts/login/", urlencode(form).encode(), unix=unix,
            Content_Type="application/x-www-form-urlencoded", **headers,
        )  # fmt: skip


def environment(home: Path, broker: str, **given: str) -> dict[str, str]:
    """Return the environment of a web server that uses the test's database."""
    return {
        **{k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "TMPDIR")},
        "SURETY_HOME": str(home),
        "SURETY_LOG_CONSOLE": "0",
        "DATABASE_URL": database_url(),
        "BROKER_URL": broker,
        "CACHE_URL": Valkey(settings.EMBEDDED_HOME).cache_url(),
        **given,
    }


@contextmanager
def serving(folder: Path, broker: str, **given: str) -> Iterator[Server]:
    """Run gunicorn with the product's configuration."""
    sockets = Path(tempfile.mkdtemp(prefix="surety-web-"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = folder / "web.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "-c", "python:portal.http.gunicorn_conf"),
                *("portal.wsgi:application", f"--bind=127.0.0.1:{port}", f"--bind=unix:{quote(str(sockets))}/web.sock"),
            ],
            cwd=BASE_DIR, env=environment(folder / "home", broker, **given), stdout=output, stderr=output,
            start_new_session=True,
        )  # fmt: skip
    server = Server(port, sockets / "web.sock", log, process)
    try:
        _wait(server)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        (sockets / "web.sock").unlink(missing_ok=True)
        sockets.rmdir()
        connections["default"].close()


def _wait(server: Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert server.process.poll() is None, server.log.read_text()[-3000:]
        with suppress(OSError):
            if server.request("GET", "/verify/").status in (200, 301):
                return
        time.sleep(0.2)
    raise AssertionError(server.log.read_text()[-3000:])
