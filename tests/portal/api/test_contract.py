"""Requests that Schemathesis generates from the contract: each answer has a documented status, media type and form."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
import schemathesis
from django.conf import settings as django_settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from portal.api.contract_file import FILE
from tenants.roles import Role
from tests.portal.api.conftest import token_for
from tests.portal.web.world import World

pytestmark = pytest.mark.slow(seconds=50)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture
def open_connection() -> Iterator[None]:
    """Keep the connection of the test's transaction open at the end of a request, as Django's test client does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


# The roles take turns. Administrators, who reach the most code, send every second request.
ADMINISTRATOR = "organization_administrator"
ROLES = {
    "organization": (
        ADMINISTRATOR,
        "organization_engineer",
        ADMINISTRATOR,
        "approver",
        ADMINISTRATOR,
        "auditor",
    ),
    "customer": ("owner", "tenant_administrator"),
}


@pytest.mark.parametrize("roles", list(ROLES))
def test_answers_keep_the_contract(
    world: World, open_connection: None, monkeypatch: pytest.MonkeyPatch, roles: str
) -> None:
    assert {role for group in ROLES.values() for role in group} == set(Role)
    # The test sends more requests in a minute than the usual limits permit.
    monkeypatch.setattr(django_settings, "SURETY_API_REQUESTS_PER_MINUTE", 100_000)
    monkeypatch.setattr(django_settings, "SURETY_CHANGES_PER_MINUTE", 100_000)
    tokens = {role: token_for(world.people[role], world.organization) for role in ROLES[roles]}
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", WSGIHandler())
    names = [world.home.slug, world.foreign.slug]
    operations = [found.ok() for found in schema.get_all_operations()]
    paths = json.loads(FILE.read_text(encoding="utf-8"))["paths"]
    assert len(operations) == sum(map(len, paths.values()))
    # The roles take turns: `ROLES[roles]` has up to six, and each operation gets up to six requests.
    turns = cycle(ROLES[roles])
    for operation in operations:

        @given(case=operation.as_strategy())
        @settings(
            max_examples=6,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def sent(case: Any) -> None:
            # Generated short names almost never exist, so replace some of them with real ones.
            if "customer" in case.path_parameters and len(str(case.path_parameters["customer"])) % 3:
                case.path_parameters["customer"] = names[len(str(case.path_parameters["customer"])) % 2]
            if "organization" in case.path_parameters and len(str(case.path_parameters["organization"])) % 3:
                case.path_parameters["organization"] = world.organization.slug
            response = case.call(headers={"Authorization": f"Bearer {tokens[next(turns)]}"})
            case.validate_response(response, checks=CHECKS)
            responses = case.operation.definition.raw["responses"]
            for name in ("ETag", "Location"):
                documented = name in responses[str(response.status_code)].get("headers", {})
                sent = name.lower() in response.headers
                assert sent is documented or (name, response.status_code) == ("ETag", 202), (
                    case.operation.label
                )
            if case.path_parameters.get("customer") == world.foreign.slug:
                # If the path names the person's organization, a missing right gives 403 before the customer is read.
                may_be = (403, 404, 405) if "organization" in case.path_parameters else (404, 405)
                # The character NUL is refused before anything is read.
                if "%00" in str(response.request.url):
                    may_be = (*may_be, 400)
                assert response.status_code in may_be, (case.operation.label, case.query, response.text)

        sent()
