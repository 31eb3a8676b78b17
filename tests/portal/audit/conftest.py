"""An organization with a customer, and receivers of streams, anchors and time stamps on the local machine."""

from __future__ import annotations

import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
from asn1crypto import keys, pem, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.utils import timezone
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

from tenants.models import Organization, Tenant
from tests import factories
from tests.local_server import QuietHandler, local_server
from tests.portal.notify.receivers import Receiver, run_receiver

SECRET = "a-secret-of-the-tests-with-at-least-32-characters"


@pytest.fixture
def tenant() -> Tenant:
    return factories.tenant(name="Alder & Finch")


@pytest.fixture
def organization(tenant: Tenant) -> Organization:
    return tenant.organization


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """An HTTP receiver on the loopback interface, which the settings permit for webhooks."""
    settings.SURETY_WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1"]
    settings.SURETY_JOURNAL_SECRET = SECRET
    with run_receiver() as running:
        yield running


class SyslogServer:
    """A syslog receiver. `data` has the bytes received over TCP or TLS (octet-counted), `datagrams` those over UDP."""

    def __init__(self) -> None:
        self.data = b""
        self.datagrams: list[bytes] = []
        self.ended = threading.Event()
        self.port = 0

    @property
    def messages(self) -> list[bytes]:
        """The received messages. They are complete after the connection has ended."""
        if not self.data:
            return self.datagrams
        found, rest = [], self.data
        while rest:
            length, _, rest = rest.partition(b" ")
            found.append(rest[: int(length)])
            rest = rest[int(length) :]
        return found


@contextmanager
def _tcp(context: ssl.SSLContext | None) -> Iterator[SyslogServer]:
    received = SyslogServer()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            channel = self.request
            try:
                if context is not None:
                    channel = context.wrap_socket(channel, server_side=True)
                while part := channel.recv(65536):
                    received.data += part
            except OSError:
                pass
            received.ended.set()

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        received.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=[0.05])
        thread.start()
        yield received
        server.shutdown()
        thread.join()


@pytest.fixture
def syslog_tcp() -> Iterator[SyslogServer]:
    with _tcp(None) as server:
        yield server


@pytest.fixture
def syslog_tls(settings: Any, tmp_path: Path) -> Iterator[SyslogServer]:
    authority = trustme.CA()
    file = tmp_path / "syslog-authority.pem"
    authority.cert_pem.write_to_path(str(file))
    settings.SURETY_JOURNAL_CA_FILE = str(file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with _tcp(context) as server:
        yield server


@pytest.fixture
def syslog_udp() -> Iterator[SyslogServer]:
    received = SyslogServer()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.bind(("127.0.0.1", 0))
        channel.settimeout(0.05)
        received.port = channel.getsockname()[1]
        stop = threading.Event()

        def read() -> None:
            while not stop.is_set():
                try:
                    received.datagrams.append(channel.recv(65536))
                except TimeoutError:
                    continue

        thread = threading.Thread(target=read)
        thread.start()
        yield received
        stop.set()
        thread.join()


def time_stamper(name: str = "Time stamps of the tests") -> DummyTimeStamper:
    """Return a stamper with a new self-signed certificate, which permits nothing but time stamps."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = timezone.now()
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now.replace(year=now.year - 1))
        .not_valid_after(now.replace(year=now.year + 20))
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return DummyTimeStamper(
        asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER)),
        keys.PrivateKeyInfo.load(private),
    )


@pytest.fixture
def stamping(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Run a time-stamp authority and configure Surety to use it. The yielded function replaces the authority's stamper;
    with `pin`, Surety trusts the new certificate.
    """
    settings.SURETY_HOME = tmp_path
    current = {"stamper": time_stamper()}
    pinned = tmp_path / "authority.pem"
    monkeypatch.setenv("SURETY_TSA_CERTIFICATES", str(pinned))

    def replace(stamper: DummyTimeStamper, *, pin: bool = False) -> None:
        current["stamper"] = stamper
        if pin:
            pinned.write_bytes(pem.armor("CERTIFICATE", stamper.tsa_cert.dump()))

    replace(current["stamper"], pin=True)

    class Handler(QuietHandler):
        def do_POST(self) -> None:
            asked = tsp.TimeStampReq.load(self.read_body())
            stamped = current["stamper"].request_tsa_response(asked)
            self.answer(stamped.dump(), "application/timestamp-reply")

    with local_server(Handler) as url:
        monkeypatch.setenv("SURETY_TSA_URL", f"{url}/")
        yield replace
