"""The settings page of the controls to which a customer is held."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.actions.profiles import profile_part, switch_off
from assessments.models import Assessment, SwitchedOffControl
from tenants.actors import System
from tenants.models import JournalEntry, Tenant
from tenants.roles import Role
from tenants.scope import tenant_scope
from tests import factories
from tests.portal.web.forms import start_of
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.django_db
CONTROL = "storage-secure-transfer"


@pytest.fixture
def client_and_customer(db: None) -> tuple[Client, Tenant]:
    tenant = factories.tenant()
    return signed_in_client(factories.member(Role.TENANT_ADMINISTRATOR, tenant)), tenant


def words(client: Client, url: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", client.get(url).content.decode()).split())


@pytest.mark.slow(seconds=1)
def test_a_profile_is_saved_and_an_own_choice_starts_with_its_controls(
    client_and_customer: tuple[Client, Tenant],
) -> None:
    client, tenant = client_and_customer
    url = reverse("profile", args=[tenant.slug])
    saved = client.post(url, {"profile": "cis-6.0.0-level-1", **start_of(client, url)}, follow=True)
    assert "Profile saved. The next assessment judges" in saved.content.decode()
    with tenant_scope(tenant.pk):
        assert profile_part(tenant) == {"profile": "cis-6.0.0-level-1", "controls": []}
        entry = JournalEntry.objects.get(action="control.profile")
    assert entry.details["after"]["profile"] == "CIS Azure 6.0.0, Level 1"
    page = client.get(url).content.decode()
    boxes = dict(re.findall(r'name="controls" value="([a-z0-9-]+)"([^>]*)', page))
    assert "checked" in boxes[CONTROL]
    assert "checked" not in boxes["storage-cmk"]
    own = {"profile": "own", "controls": [CONTROL], **start_of(client, url)}
    assert "judges 1 of" in client.post(url, own, follow=True).content.decode()
    empty = client.post(url, {"profile": "own", **start_of(client, url)})
    assert (empty.status_code, "Choose at least one control." in empty.content.decode()) == (400, True)


@pytest.mark.slow(seconds=1)
def test_a_profile_that_somebody_else_changed_is_not_overwritten(
    client_and_customer: tuple[Client, Tenant],
) -> None:
    client, tenant = client_and_customer
    url = reverse("profile", args=[tenant.slug])
    opened = start_of(client, url)
    assert client.post(url, {"profile": "mcsb-1", **opened}).status_code == 302
    late = client.post(url, {"profile": "cis-6.0.0-level-2", **opened})
    assert late.status_code == 409
    assert "MCSB v1" in late.content.decode()
    with tenant_scope(tenant.pk):
        assert profile_part(tenant)["profile"] == "mcsb-1"


@pytest.mark.slow(seconds=1)
def test_a_control_is_switched_off_with_a_reason_and_on_again(
    client_and_customer: tuple[Client, Tenant],
) -> None:
    client, tenant = client_and_customer
    url, off = reverse("profile", args=[tenant.slug]), reverse("profile-control-off", args=[tenant.slug])
    refused = client.post(off, {"control": CONTROL, "reason": ""})
    assert refused.status_code == 400
    assert client.post(off, {"control": CONTROL, "reason": "Replaced in March"}).status_code == 302
    assert f"{CONTROL} Replaced in March" in words(client, url)
    again = client.post(off, {"control": CONTROL, "reason": "Again"})
    assert (again.status_code, "switched off already" in again.content.decode()) == (400, True)
    on = reverse("profile-control-on", args=[tenant.slug, CONTROL])
    assert "is switched on" in client.post(on, follow=True).content.decode()
    assert "not switched off" in client.post(on, follow=True).content.decode()
    with tenant_scope(tenant.pk):
        assert not SwitchedOffControl.objects.exists()
        actions = set(JournalEntry.objects.values_list("action", flat=True))
    assert {"control.switched_off", "control.switched_on"} <= actions


@pytest.mark.slow(seconds=1)
def test_a_control_that_an_operator_switched_off_names_the_operator(
    client_and_customer: tuple[Client, Tenant],
) -> None:
    client, tenant = client_and_customer
    with tenant_scope(tenant.pk):
        switch_off(tenant=tenant, by=System("operator root"), slug=CONTROL, reason="Replaced in March")
    assert f"{CONTROL} Replaced in March Operator root" in words(
        client, reverse("profile", args=[tenant.slug])
    )


def test_people_who_only_read_see_the_profile_without_forms(
    client_and_customer: tuple[Client, Tenant],
) -> None:
    _, tenant = client_and_customer
    auditor = signed_in_client(factories.member(Role.AUDITOR, tenant))
    url = reverse("profile", args=[tenant.slug])
    page = auditor.get(url).content.decode()
    assert "All controls" in page
    assert "Save profile" not in page
    assert auditor.post(url, {"profile": "mcsb-1"}).status_code == 403


def test_the_overview_says_how_many_controls_were_not_judged(
    client_and_customer: tuple[Client, Tenant],
) -> None:
    client, tenant = client_and_customer
    off = {CONTROL: {"switched_off": {"profile": "Own choice"}}}
    with tenant_scope(tenant.pk):
        Assessment.objects.create(
            tenant=tenant, number=1, state=Assessment.State.FINISHED, started_at=timezone.now(),
            ended_at=timezone.now(), summary={"units": {"done": 1}}, parameters=off,
        )  # fmt: skip
    assert "1 control not judged" in words(client, reverse("tenant", args=[tenant.slug]))
