from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from portal.notify.actions.channels import add_channel
from portal.notify.kinds import KINDS
from portal.notify.models import Channel
from portal.notify.publish import Event, publish
from tenants.models import Person, Tenant
from tests import factories
from tests.factories import BY
from tests.portal.notify.receivers import Receiver, receiving

TLS_NAME = "hooks.example.test"


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """A receiver over http on the loopback interface, which is allowed."""
    settings.SURETY_WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1"]
    with receiving() as found:
        yield found


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
    """``resolver("name", "127.0.0.1")``: what a name leads to from now on; returns the log of look-ups."""
    known: dict[str, list[str]] = {}
    asked: list[str] = []
    real = socket.getaddrinfo

    def lookup(host: Any, port: Any, *given: Any, **more: Any) -> Any:
        if host not in known:
            return real(host, port, *given, **more)
        asked.append(host)
        answers = known[host]
        # Each look-up may answer differently: the last answer stays.
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answer, port))]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)

    def leads(host: str, *addresses: str) -> list[str]:
        known[host] = list(addresses)
        return asked

    return leads


def server_context(ca: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(*names).configure_cert(context)
    return context


def webhook(
    tenant: Tenant, url: str, *, kind: str = Channel.Kind.WEBHOOK, name: str = "Tickets", **given: Any
) -> tuple[Channel, str]:
    with factories.in_tenant(tenant):
        return add_channel(
            tenant=tenant, by=BY, name=name, kind=kind, address=url, kinds=given.get("kinds", list(KINDS))
        )


def happen(
    tenant: Tenant, *people: Person, kind: str = "exception_decided", key: str = "1", **given: Any
) -> int:
    """Something happens in the tenant, in a transaction of its own."""
    values = {"title": "Exception 12 was approved", "lines": ("It covers 3 findings.",), **given}
    path = values.pop("path", f"/t/{tenant.slug}/exceptions/")
    with factories.in_tenant(tenant):
        return publish(
            tenant=tenant, event=Event(kind=kind, key=key, path=path, **values), subscribers=people, by=BY
        )
