"""Like reports, the settings name the roles that Azure Lighthouse delegates in the customer's subscriptions."""

from __future__ import annotations

from typing import Any

import lxml.html
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import ObjectName, Unit
from tenants.models import Subscription
from tests import factories
from tests.portal.delegations import OTHER, PROVIDER, READER, UNNAMED, add_delegation
from tests.portal.web.world import SignIn, World

TITLE = "Roles delegated with Azure Lighthouse"
PERMISSION = "Microsoft.ManagedServices/registrationAssignments/read"
GAP = {
    "collection": "registration_assignments", "scope": "", "reason": "forbidden", "status": 403, "code": "",
    "request_id": "", "message": "", "permission": PERMISSION, "path": "", "api_version": "",
}  # fmt: skip


def test_the_roles_of_each_state_are_named(world: World, sign_in: SignIn) -> None:
    client, home = sign_in(world.people["auditor"]), world.home
    assert TITLE not in shown(client, world)
    with factories.in_tenant(home):
        units = Unit.objects.filter(tenant=home, kind=Unit.Kind.SUBSCRIPTION, state=Unit.State.DONE)
        unit = units.order_by("-assessment__number")[0]
        Subscription.objects.filter(subscription_id=unit.azure_id).update(is_delegated=True)
    page = shown(client, world)
    assert f"Roles not read yet for {unit.name}. The next assessment reads them." in page
    assert "recorded no delegated roles" not in page

    change(world, unit, is_delegated=True, gaps=[GAP])
    page = shown(client, world)
    assert f"Roles unknown for {unit.name}: Missing permission {PERMISSION}" in page
    assert "recorded no delegated roles" not in page
    assert "not read yet" not in page

    change(world, unit, gaps=[])
    assert "The last assessments recorded no delegated roles" in shown(client, world)

    with factories.in_tenant(home):
        add_delegation(world, unit.scope_id, PROVIDER)
        # No assessment has read the next subscription through Azure Lighthouse, so the page must not list its roles.
        add_delegation(world, "/subscriptions/90000000-0000-0000-0000-0000000000ff", OTHER)
        ObjectName.objects.create(
            status="known", tenant=home, directory=world.of(home)["directory"], guid=READER, kind="azure_role",
            display_name="Reader", read_at=timezone.now(),
        )  # fmt: skip
    page = shown(client, world)
    assert f"Reader 2 {PROVIDER} {unit.name}" in page
    assert f"{UNNAMED} Must be activated 1 {PROVIDER} {unit.name}" in page
    assert OTHER not in page


def change(world: World, unit: Unit, **values: Any) -> None:
    with factories.in_tenant(world.home):
        Unit.objects.filter(pk=unit.pk).update(**values)


def shown(client: Client, world: World) -> str:
    """Return the text of the page, without tags, with single spaces."""

    page = client.get(reverse("tenant-settings", args=[world.home.slug])).content
    return " ".join(" ".join(lxml.html.fromstring(page).itertext()).split())
