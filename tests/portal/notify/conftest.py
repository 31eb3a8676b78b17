"""A customer with an administrator, and receivers of mails and posts on the local machine."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller

from tenants.models import Person, Tenant
from tenants.roles import Role
from tests import factories
from tests.portal.notify.mail_server import MailServer, smtp_settings
from tests.portal.notify.receivers import Receiver, run_receiver


@pytest.fixture
def tenant() -> Tenant:
    return factories.tenant(name="Alder & Finch <Clinics>")


@pytest.fixture
def mira(tenant: Tenant) -> Person:
    return factories.member(Role.TENANT_ADMINISTRATOR, tenant, factories.person("mira@example.com", "Mira"))


@pytest.fixture
def mail_server(settings: Any) -> Iterator[MailServer]:
    """The mail server to which Surety sends."""
    handler = MailServer()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    settings.MAILERS = smtp_settings(port)
    settings.DEFAULT_FROM_EMAIL = "Surety <surety@msp.example>"
    settings.SURETY_URL = "https://surety.msp.example"
    yield handler
    controller.stop()


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """An HTTP receiver on the loopback interface, which the settings permit."""
    settings.SURETY_WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1"]
    with run_receiver() as running:
        yield running


@pytest.fixture
def authority(settings: Any, tmp_path: Path) -> trustme.CA:
    """A certificate authority that Surety trusts."""
    ca = trustme.CA()
    file = tmp_path / "authority.pem"
    ca.cert_pem.write_to_path(str(file))
    settings.SURETY_WEBHOOK_CA_FILE = str(file)
    return ca


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """``resolver("name", "127.0.0.1")`` sets the addresses of a name, and returns the log of look-ups.

    Each look-up returns the next address. The last address is repeated.
    """
    answers: dict[str, list[str]] = {}
    log: list[str] = []
    real = socket.getaddrinfo

    def lookup(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if host not in answers:
            return real(host, port, *args, **kwargs)
        log.append(host)
        addresses = answers[host]
        address = addresses.pop(0) if len(addresses) > 1 else addresses[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)

    def set_addresses(host: str, *addresses: str) -> list[str]:
        answers[host] = list(addresses)
        return log

    return set_addresses
