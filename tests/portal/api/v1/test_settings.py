"""Programs change policies, channels and access of a customer in the same way as the pages."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from portal.notify.models import Channel
from tenants.models import Invitation, Membership
from tenants.roles import CAPABILITIES, Capability, Role
from tests import factories
from tests.for_each import for_each
from tests.portal.api.changes import changed, post
from tests.portal.api.conftest import Api
from tests.portal.web.world import World

CONTROL = "defender-no-open-recommendations"
ADDRESS = "https://hooks.example.com/T0/the-Secret-of.this.test"


def customer_address(world: World, path: str) -> str:
    own = world.of(world.home)
    ids = {name: own[name].pk for name in ("membership", "invitation", "channel")}
    return f"/api/v1/customers/{world.home.slug}/{path.format(**ids)}"


@pytest.fixture
def administrator(api: Api) -> Client:
    return api("organization_administrator")


_ACCESS = {Capability.MEMBERS, Capability.ADMINISTER}
_CONFIGURE = {Capability.ADMINISTER}
# For each change: its address, the rights that it needs, and a body.
CHANGES: dict[str, tuple[str, set[Capability], dict[str, Any]]] = {
    "change_policy": ("policy", _CONFIGURE, {"exception_cap_days": 30}),
    "set_control_parameters": (f"policy/controls/{CONTROL}", _CONFIGURE, {"values": {"grace_days": 3}}),
    "set_severity_rules": ("policy/severity", _CONFIGURE, {"rules": [{"when": "internet", "step": 1}]}),
    "set_profile": ("policy/profile", _CONFIGURE, {"profile": "mcsb-1"}),
    "switch_control": (f"policy/controls/{CONTROL}/switch", _CONFIGURE, {"off": True, "reason": "Replaced"}),
    "change_member_role": ("members/{membership}/change-role", _ACCESS, {"role": "owner"}),
    "change_review_period": (
        "members/{membership}/change-review-period",
        _ACCESS,
        {"review_first": "2026-01-01", "review_last": "2026-03-31"},
    ),
    "remove_member": ("members/{membership}/remove", _ACCESS, {}),
    "withdraw_invitation": ("invitations/{invitation}/withdraw", _ACCESS, {}),
    "change_channel": ("channels/{channel}", _CONFIGURE, {"name": "Operations"}),
    "enable_channel": ("channels/{channel}/enable", _CONFIGURE, {}),
    "disable_channel": ("channels/{channel}/disable", _CONFIGURE, {}),
    "rotate_channel_secret": ("channels/{channel}/rotate-secret", _CONFIGURE, {}),
    "delete_channel": ("channels/{channel}/delete", _CONFIGURE, {}),
}


@pytest.mark.slow(seconds=3)
@for_each("name", CHANGES)
def test_changes_need_their_rights_and_what_was_read(world: World, api: Api, name: str) -> None:
    path, needed, body = CHANGES[name]
    for role in Role:
        answer = post(api(str(role)), customer_address(world, path), body)
        assert answer.status_code == (428 if needed <= CAPABILITIES[role] else 403), (role, answer.content)
    client = api("organization_administrator")
    assert post(client, customer_address(world, path), body, '"0"').status_code == 412
    theirs = path.replace("{membership}", "{0}").replace("{invitation}", "{0}").replace("{channel}", "{0}")
    if theirs != path:
        address = f"/api/v1/customers/{world.home.slug}/{theirs.format(world.foreign_id)}"
        assert post(client, address, body, '"0"').status_code == 404
    address = customer_address(world, path).replace(world.home.slug, world.foreign.slug)
    assert post(client, address, body, '"0"').status_code == 404
    for right in needed:
        others = [one for one in ("view", "view_all", "members", "administer") if one != right]
        limited = api("organization_administrator", capabilities=others)
        assert post(limited, customer_address(world, path), body).status_code == 403, right


def test_policy_is_changed_in_parts(world: World, administrator: Client) -> None:
    address = customer_address(world, "policy")
    before = administrator.get(address)
    now = changed(administrator, address, {"exception_cap_days": 31})
    assert now.status_code == 200, now.content
    assert now.json() == before.json() | {"exception_cap_days": 31}
    days = {"critical": 1, "high": 2, "medium": 3, "low": 4, "info": 5}
    assert changed(administrator, address, {"due_days": days}).json()["due_days"] == days
    lost = post(administrator, address, {"exception_cap_days": 9}, before.headers["ETag"])
    assert (lost.status_code, administrator.get(address).json()["exception_cap_days"]) == (412, 31)
    for body in (
        {"exception_cap_days": 0},
        {"due_days": {"critical": 1}},
        {"due_days": days | {"low": 9999}},
    ):
        assert changed(administrator, address, body).status_code == 400, body


@pytest.mark.slow(seconds=1)
def test_parameters_of_controls_are_set_and_reset(world: World, administrator: Client) -> None:
    read, address = customer_address(world, "policy"), customer_address(world, f"policy/controls/{CONTROL}")
    now = changed(administrator, address, {"values": {"grace_days": 3}}, read)
    assert now.status_code == 200, now.content
    own = [one for one in now.json()["parameters"] if one["control"] == CONTROL]
    assert own == [{"control": CONTROL, "parameter": "grace_days", "value": 3, "default": 30}]
    assert now.headers["ETag"] == administrator.get(read).headers["ETag"]
    hostile: tuple[dict[str, object], ...] = ({"grace_days": 10**30}, {"grace_days": 0.5}, {"a\x00": 1})
    for values in ({"grace_days": -1}, {"grace_days": "x"}, {"nothing": 1}, *hostile):
        wrong = changed(administrator, address, {"values": values}, read)
        assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "values"), values
    images = customer_address(world, "policy/controls/vm-approved-images")
    for body in ('{"values": {"images": "a\\u0000b"}}', '{"values": {"images": ["x"]}}'):
        etag = administrator.get(read).headers["ETag"]
        answer = administrator.post(images, body, content_type="application/json", headers={"If-Match": etag})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "values"), body
    infinite = administrator.post(
        address,
        '{"values": {"grace_days": 1e999}}',
        content_type="application/json",
        headers={"If-Match": etag},
    )
    assert infinite.status_code == 400
    reset = changed(administrator, address, {"values": {}}, read)
    assert [one for one in reset.json()["parameters"] if one["control"] == CONTROL] == []
    assert (
        post(administrator, customer_address(world, "policy/controls/no-such"), {"values": {}}).status_code
        == 404
    )


def test_severities_by_context_are_set(world: World, administrator: Client) -> None:
    read, severity = customer_address(world, "policy"), customer_address(world, "policy/severity")
    rules = [{"when": "secrets", "step": 1}, {"when": "tag", "step": -1, "tag": "stage", "values": ["test"]}]
    assert changed(administrator, severity, {"rules": rules}, read).json()["severity_rules"] == rules
    assert administrator.get(read).json()["severity_rules"] == rules
    wrong = changed(administrator, severity, {"rules": [{"when": "tag", "step": 1}]}, read)
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "rules")
    assert changed(administrator, severity, {"rules": []}, read).json()["severity_rules"] == []


@pytest.mark.slow(seconds=1)
def test_a_profile_is_set_and_a_control_switched_off_and_on(world: World, administrator: Client) -> None:
    read, profile = customer_address(world, "policy"), customer_address(world, "policy/profile")
    switch = customer_address(world, f"policy/controls/{CONTROL}/switch")
    now = changed(administrator, profile, {"profile": "own", "controls": [CONTROL]}, read).json()
    assert (now["profile"], now["profile_controls"]) == ("own", [CONTROL])
    for body, field in (({"profile": "no-such"}, "profile"), ({"profile": "own"}, "controls")):
        wrong = changed(administrator, profile, body, read)
        assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, field), wrong.content
    assert changed(administrator, switch, {"off": True}, read).json()["errors"][0]["field"] == "reason"
    (off,) = changed(administrator, switch, {"off": True, "reason": "Replaced"}, read).json()["switched_off"]
    assert (off["control"], off["reason"]) == (CONTROL, "Replaced")
    assert off["by"] == world.people["organization_administrator"].email
    assert changed(administrator, switch, {"off": True, "reason": "Again"}, read).status_code == 409
    assert changed(administrator, switch, {"off": False}, read).json()["switched_off"] == []
    assert (
        post(
            administrator, customer_address(world, "policy/controls/no-such/switch"), {"off": False}
        ).status_code
        == 404
    )


def test_person_is_invited_and_the_invitation_withdrawn(world: World, administrator: Client) -> None:
    address = customer_address(world, "invitations")
    body = {"email": "new@contoso.example", "role": "owner"}
    asked = post(administrator, address, body, **{"Idempotency-Key": "k"})
    assert asked.status_code == 201, asked.content
    again = post(administrator, address, body, **{"Idempotency-Key": "k"})
    assert again.json() == asked.json()
    own = f"{address}/{asked.json()['id']}"
    assert (administrator.get(own).json(), asked.headers["Location"]) == (asked.json(), own)
    with factories.in_tenant(world.home):
        (row,) = Invitation.objects.filter(email=body["email"])
    # The answer must not contain the hash of the link's token.
    assert row.token_hash not in asked.content.decode()
    assert changed(administrator, f"{own}/withdraw", read=own).status_code == 204
    assert administrator.get(own).status_code == 404
    for wrong, field in (
        ({"role": "auditor"}, "access_until"),
        ({"email": "x"}, "email"),
        ({"role": "organization_administrator"}, "role"),
    ):
        refused = post(administrator, address, body | wrong)
        assert refused.status_code == 400, refused.content
        assert refused.json()["errors"][0]["field"] == field, refused.content
    me = post(administrator, address, body | {"email": world.people["organization_administrator"].email})
    assert (me.status_code, me.json()["code"]) == (403, "to_oneself")


@pytest.mark.slow(seconds=1)
def test_role_is_changed_and_approvers_wait_for_a_second_administrator(
    world: World, administrator: Client
) -> None:
    address = customer_address(world, "members/{membership}")
    asked = changed(administrator, f"{address}/change-role", {"role": "approver"}, address)
    assert (asked.status_code, asked.json()["confirmation"]) == (200, "waiting"), asked.content
    assert administrator.get(address).json()["role"] == "auditor"
    period = {"review_first": "2026-01-01", "review_last": "2026-03-31"}
    reviews = changed(administrator, f"{address}/change-review-period", period, address)
    assert reviews.json() == administrator.get(address).json()
    assert period.items() <= reviews.json().items()
    now = changed(administrator, f"{address}/change-role", {"role": "owner"}, address)
    assert (now.json()["role"], now.json()["confirmation"]) == ("owner", "not_needed")
    assert administrator.get(address).status_code == 404
    there = customer_address(world, f"members/{now.json()['id']}")
    assert administrator.get(there).json()["role"] == "owner"
    assert administrator.get(there).headers["ETag"] == now.headers["ETag"]
    assert changed(administrator, f"{there}/remove", read=there).status_code == 204
    assert administrator.get(there).status_code == 404


def test_administrators_of_a_customer_change_no_role_of_the_organization(world: World, api: Api) -> None:
    person = factories.member(Role.ORGANIZATION_ENGINEER, world.organization)
    with factories.in_tenant(world.home):
        row = Membership.objects.get(person=person)
    address = customer_address(world, f"members/{row.pk}")
    client = api("tenant_administrator")
    for action, body in (("remove", {}), ("change-role", {"role": "organization_administrator"})):
        refused = changed(client, f"{address}/{action}", body, address)
        assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")


@pytest.mark.slow(seconds=1)
def test_channel_is_added_changed_and_deleted(
    world: World, administrator: Client, caplog: pytest.LogCaptureFixture
) -> None:
    address = customer_address(world, "channels")
    body = {"name": "Pager", "kind": "webhook", "address": ADDRESS, "events": ["exception_returned"]}
    with caplog.at_level(logging.DEBUG):
        added = post(administrator, address, body, **{"Idempotency-Key": "k"})
        assert added.status_code == 201, added.content
        secret = added.json()["secret"]
        assert secret.startswith("whsec_")
        again = post(administrator, address, body, **{"Idempotency-Key": "k"})
        assert again.json() == added.json() | {"secret": None}
        own = f"{address}/{added.json()['id']}"
        before = administrator.get(own)
        now = changed(administrator, own, {"name": "Pager 2"})
        assert (now.json()["name"], now.json()["events"]) == ("Pager 2", body["events"]), now.content
        # Answers contain only the host of the channel's address. If only the path of this address changes, the body of
        # the answer stays the same, but the ETag changes.
        other = changed(administrator, own, {"address": ADDRESS + "2"})
        assert (other.json(), other.headers["ETag"] != now.headers["ETag"]) == (now.json(), True)
        rotated = changed(administrator, f"{own}/rotate-secret", {"overlap_hours": 24}, own)
        assert rotated.json()["secret"] not in (secret, None)
        assert rotated.headers["ETag"] == administrator.get(own).headers["ETag"]
    answers = [
        one.content.decode() + json.dumps(dict(one.headers)) for one in (added, again, before, now, other)
    ]
    assert not any("the-Secret" in one for one in (*answers, caplog.text))
    assert secret not in caplog.text
    off = changed(administrator, f"{own}/disable", read=own)
    assert off.json()["is_enabled"] is False
    refused = post(administrator, f"{own}/test")
    assert (refused.status_code, refused.json()["code"]) == (409, "channel_off")
    assert changed(administrator, f"{own}/enable", read=own).json()["is_enabled"] is True
    assert post(administrator, f"{own}/test").status_code == 202
    assert changed(administrator, f"{own}/delete", read=own).status_code == 204
    with factories.in_tenant(world.home):
        assert not Channel.objects.filter(name__startswith="Pager").exists()
    for wrong, field in (
        ({"address": "http://hooks.example.com"}, "address"),
        ({"events": []}, "events"),
        ({"events": ["x"]}, "events.0"),
        ({"kind": "mail"}, "kind"),
        ({"secret": "x"}, "secret"),
    ):
        answer = post(administrator, address, body | wrong)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field), answer.content


def test_auditors_end_is_required(world: World, administrator: Client) -> None:
    address = customer_address(world, "members/{membership}")
    owner = changed(administrator, f"{address}/change-role", {"role": "owner"}, address).json()
    there = customer_address(world, f"members/{owner['id']}")
    refused = changed(administrator, f"{there}/change-role", {"role": "auditor"}, there)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "valid_until")
    until = (timezone.now() + timedelta(days=9)).isoformat()
    now = changed(administrator, f"{there}/change-role", {"role": "auditor", "valid_until": until}, there)
    assert now.status_code == 200, now.content
