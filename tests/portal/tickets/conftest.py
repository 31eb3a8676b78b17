"""An organization whose customer gets tickets in a fake system on this computer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from portal.tickets.connectors import CONNECTORS
from tests.portal.tickets.fakes.autotask import FakeAutotask
from tests.portal.tickets.fakes.connectwise import FakeConnectWise
from tests.portal.tickets.fakes.github import FakeGitHub
from tests.portal.tickets.fakes.halopsa import FakeHalo
from tests.portal.tickets.fakes.jira import FakeJira
from tests.portal.tickets.fakes.server import FakeSystem, run
from tests.portal.tickets.fakes.servicenow import FakeServiceNow

_KINDS = (FakeAutotask, FakeConnectWise, FakeGitHub, FakeHalo, FakeJira, FakeServiceNow)
FAKES: dict[str, type[FakeSystem]] = {fake.kind: fake for fake in _KINDS}
assert set(FAKES) == set(CONNECTORS), "each connector needs a fake, and the contract test runs against it"


@pytest.fixture(scope="session")
def fake_servers() -> Iterator[dict[str, FakeSystem]]:
    """One server of each kind for all tests of this process."""
    with ExitStack() as running:
        yield {kind: running.enter_context(run(fake)) for kind, fake in FAKES.items()}


@pytest.fixture
def fakes(fake_servers: dict[str, FakeSystem], settings: Any) -> dict[str, FakeSystem]:
    """The fake systems, without tickets, at addresses that the settings permit."""
    settings.SURETY_WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1"]
    settings.SURETY_URL = "https://surety.msp.example"
    for fake in fake_servers.values():
        fake.reset()
    return fake_servers


@pytest.fixture(params=sorted(FAKES))
def fake(request: pytest.FixtureRequest, fakes: dict[str, FakeSystem]) -> FakeSystem:
    """Each kind of system, one after the other."""
    return fakes[request.param]
