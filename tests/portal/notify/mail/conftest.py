"""A post office, a tenant and one of its people."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tenants.models import Person, Tenant
from tenants.roles import Role
from tests import factories
from tests.portal.notify.mail.kit import PostOffice, smtp


@pytest.fixture
def office(settings: Any) -> Iterator[PostOffice]:
    handler = PostOffice()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    settings.MAILERS = smtp(port)
    settings.DEFAULT_FROM_EMAIL = "Surety <surety@msp.example>"
    settings.SURETY_URL = "https://surety.msp.example"
    yield handler
    controller.stop()


@pytest.fixture
def tenant() -> Tenant:
    return factories.tenant(name="Alder & Finch <Clinics>")


@pytest.fixture
def mira(tenant: Tenant) -> Person:
    return factories.member(Role.TENANT_ADMINISTRATOR, tenant, factories.person("mira@example.com", "Mira"))
