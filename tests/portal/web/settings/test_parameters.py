"""The settings page of control parameters."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from assessments.controls.registry import catalogue
from assessments.models import ControlSetting
from portal.web.shared.forms.parameter import judged_text
from tenants.models import JournalEntry, Tenant
from tenants.roles import Role
from tenants.scope import tenant_scope
from tests import factories
from tests.portal.web.forms import start_of
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def client_and_customer(db: None) -> tuple[Client, Tenant]:
    tenant = factories.tenant()
    return signed_in_client(factories.member(Role.TENANT_ADMINISTRATOR, tenant)), tenant


def values_of(tenant: Tenant, slug: str) -> dict[str, object]:
    with tenant_scope(tenant.pk):
        row = ControlSetting.objects.filter(control=slug).first()
        return row.values if row else {}


def test_saved_value_is_shown_and_recorded(client_and_customer: tuple[Client, Tenant]) -> None:
    client, tenant = client_and_customer
    url = reverse("parameter", args=[tenant.slug, "storage-key-rotation"])
    answer = client.post(url, {"max_age": "30", **start_of(client, url)})
    assert answer.status_code == 302
    assert values_of(tenant, "storage-key-rotation") == {"max_age": 30}
    page = client.get(reverse("parameters", args=[tenant.slug])).content.decode()
    assert "Custom" in page
    words = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "Maximum age (days): 30 Custom Days after which a key is too old" in words
    assert "separated by semicolons" in words
    assert "`" not in words
    with tenant_scope(tenant.pk):
        entry = JournalEntry.objects.get(action="control.parameters")
    assert entry.details == {"before": {}, "after": {"max_age": "30"}}


@pytest.mark.parametrize("bad", ["0", "-1", "ten", "4000"])
def test_invalid_value_is_refused_and_not_saved(client_and_customer: tuple[Client, Tenant], bad: str) -> None:
    client, tenant = client_and_customer
    url = reverse("parameter", args=[tenant.slug, "storage-key-rotation"])
    answer = client.post(url, {"max_age": bad, **start_of(client, url)})
    assert answer.status_code == 400
    assert values_of(tenant, "storage-key-rotation") == {}


def test_default_and_reset_remove_the_stored_values(client_and_customer: tuple[Client, Tenant]) -> None:
    client, tenant = client_and_customer
    url = reverse("parameter", args=[tenant.slug, "storage-key-rotation"])
    client.post(url, {"max_age": "30", **start_of(client, url)})
    client.post(url, {"max_age": "90", **start_of(client, url)})
    assert values_of(tenant, "storage-key-rotation") == {}
    client.post(url, {"max_age": "30", **start_of(client, url)})
    client.post(url, {"max_age": "45", "reset": "1", **start_of(client, url)})
    assert values_of(tenant, "storage-key-rotation") == {}


def test_a_control_without_parameters_has_no_form(client_and_customer: tuple[Client, Tenant]) -> None:
    client, tenant = client_and_customer
    assert client.get(reverse("parameter", args=[tenant.slug, "storage-secure-transfer"])).status_code == 404
    assert client.get(reverse("parameter", args=[tenant.slug, "no-such-control"])).status_code == 404


def test_controls_are_found_by_their_title_or_a_parameter(client_and_customer: tuple[Client, Tenant]) -> None:
    client, tenant = client_and_customer
    url = reverse("parameters", args=[tenant.slug])
    everything, found = client.get(url), client.get(url, {"q": "Maximum Age keys"})
    assert found.context["number"] < everything.context["number"]
    assert "storage-key-rotation" in found.content.decode()
    assert "keyvault-rbac" not in found.content.decode()
    assert '<details class="phone-fold of-section" open>' in found.content.decode()
    assert "No control with parameters contains" in client.get(url, {"q": "no-such"}).content.decode()


def test_descriptions_name_values_instead_of_parameters(client_and_customer: tuple[Client, Tenant]) -> None:
    client, tenant = client_and_customer
    url = reverse("parameter", args=[tenant.slug, "storage-key-rotation"])
    client.post(url, {"max_age": "30", **start_of(client, url)})
    changed = client.get(url).content.decode()
    default = client.get(reverse("control", args=["storage-key-rotation"])).content.decode()
    assert ["30 days" in changed, "90 days" in default] == [True, True]
    assert "max_age</code>" not in changed + default


def test_no_description_of_a_control_shows_the_name_of_a_parameter() -> None:
    for control in catalogue().values():
        text = judged_text(control, control.values({}))
        assert not [one.name for one in control.parameters if f"`{one.name}`" in text], control.slug


def test_a_help_that_begins_with_the_title_is_shown_once(client_and_customer: tuple[Client, Tenant]) -> None:
    client, tenant = client_and_customer
    html = client.get(reverse("parameters", args=[tenant.slug])).content.decode()
    assert " ".join(html.split()).count("Minimum number of Global Administrators: <strong>2</strong>") == 1
    assert "Minimum number: <strong>" not in html
