"""The password of a rediss:// broker is sent only to a server whose certificate is trusted."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.fresh import run_fresh

CONNECT = """
import django
django.setup()
from portal.celery import app
app.connection_for_write().ensure_connection(max_retries=1, interval_start=0, timeout=5)
"""


class Broker:
    """A TLS server that records what clients send after the handshake and answers every command with an error."""

    def __init__(self, certificate: trustme.LeafCert) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(self._context)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.received = b""
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._socket.accept()
            except OSError:
                return
            try:
                with self._context.wrap_socket(plain, server_side=True) as encrypted:
                    encrypted.settimeout(5)
                    self.received += encrypted.recv(4096)
                    encrypted.sendall(b"-ERR no broker\r\n")
            except OSError:
                continue

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def broker(authority: trustme.CA) -> Iterator[Broker]:
    server = Broker(authority.issue_cert("127.0.0.1"))
    yield server
    server.close()


def connect(home: Path, url: str) -> subprocess.CompletedProcess[str]:
    return run_fresh(
        CONNECT,
        [],
        {
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "SURETY_HOME": str(home),
            "DATABASE_URL": "postgresql://app:x@db.example/surety",
            "BROKER_URL": url,
            "CACHE_URL": "redis://127.0.0.1:1/0",
        },
    )


@pytest.mark.slow(seconds=2)
def test_the_password_is_not_sent_to_a_broker_with_an_untrusted_certificate(
    broker: Broker, tmp_path: Path
) -> None:
    done = connect(tmp_path / "home", f"rediss://:broker-password@127.0.0.1:{broker.port}/0")
    assert done.returncode != 0
    assert "CERTIFICATE_VERIFY_FAILED" in done.stderr
    assert broker.received == b""


@pytest.mark.slow(seconds=2)
def test_an_authority_of_ones_own_is_named_in_the_address(
    broker: Broker, authority: trustme.CA, tmp_path: Path
) -> None:
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(file)
    connect(
        tmp_path / "home",
        f"rediss://:broker-password@127.0.0.1:{broker.port}/0?ssl_ca_certs={file}",
    )
    assert b"broker-password" in broker.received
