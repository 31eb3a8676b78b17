"""Hostile input: characters that the database refuses, and numbers outside the range of its types."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tenants.roles import CAPABILITIES, Role
from tests.isolation.test_url_sweep import ADDRESSES, client_of
from tests.portal.web.world import World

pytestmark = pytest.mark.slow(seconds=100)

NAMES = (
    "action", "after", "age", "answer", "assessment", "before", "by", "col", "control", "count", "days", "due",
    "ends_at", "finding", "kind", "label", "layout", "maximum", "name", "next", "next_query", "note", "notice",
    "open", "owner", "page", "plan", "planned_for", "q", "query", "reason", "resource_group", "section", "severity",
    "sort", "starts_at", "state", "statement", "subscription", "tag", "tag_name", "tags", "tenant", "theme", "to",
    "unit", "unread", "valid_until", "verdict",
)  # fmt: skip
# A NUL, a lone surrogate as Django decodes it, a number above bigint, a day outside the calendar.
HOSTILE = ("a\x00b", "%ed%a0%80", "9" * 40, "9999-12-31", "0000-00-00")


@pytest.mark.parametrize("value", HOSTILE, ids=[f"value{number}" for number in range(len(HOSTILE))])
def test_hostile_parameters_never_cause_a_server_error(world: World, value: str) -> None:
    """Call each address with each hostile parameter, as a person with access: no answer is a 5xx."""
    found = {}
    # Two people, because no single role has all capabilities.
    roles = (Role.ORGANIZATION_ADMINISTRATOR, Role.APPROVER)
    for role, others in ((roles[0], ()), (roles[1], CAPABILITIES[roles[0]])):
        client = client_of(world.people[role.value])
        client.raise_request_exception = False
        for name, address in ADDRESSES.items():
            if others and (address.needs is None or address.needs in others):
                continue
            url = reverse(name, args=address.arguments(world, world.home))
            given = dict.fromkeys(NAMES, value)
            data = given | (address.data(world, world.home) if address.post else {})
            for answer in (client.get(url, given), client.post(url, data)):
                if answer.status_code >= 500:
                    found[role.value, name] = answer.status_code
    assert found == {}
