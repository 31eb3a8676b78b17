"""A proxy that forwards requests for Azure's hosts to the sandbox.

Tests that import customers from a file need the proxy: the file can name only Microsoft's clouds, and not a sandbox.
"""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from tests.faults.broker_proxy import forward

HOSTS = frozenset({"login.microsoftonline.com", "management.azure.com", "graph.microsoft.com"})


class _Connect(socketserver.StreamRequestHandler):
    """Answers CONNECT requests. It need not decrypt TLS: the sandbox's certificate is valid for Azure's hosts."""

    server: _Server

    def handle(self) -> None:
        method, target, _ = self.rfile.readline().decode("ascii").split()
        while self.rfile.readline().strip():
            pass
        host = target.partition(":")[0]
        if method != "CONNECT" or host not in HOSTS:
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\n\r\n")
            return
        with socket.create_connection(self.server.target) as sandbox:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            back = threading.Thread(target=forward, args=(sandbox, self.connection), daemon=True)
            back.start()
            forward(self.connection, sandbox)
            back.join()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, target: tuple[str, int]) -> None:
        super().__init__(("127.0.0.1", 0), _Connect)
        self.target = target


@contextmanager
def forward_proxy(sandbox_url: str) -> Iterator[str]:
    """Yield the address of the proxy, for HTTPS_PROXY."""
    port = urlsplit(sandbox_url).port
    assert port is not None
    with _Server(("127.0.0.1", port)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
