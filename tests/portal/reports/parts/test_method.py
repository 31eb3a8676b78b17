"""The part “Method” names the roles of each service principal, or says why they are unknown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone, translation

from assessments.estate.gaps import Reason
from assessments.estate.identity.principal_roles import PrincipalRoles, Unread, as_plain
from assessments.models import ObjectName, Unit
from portal.reports.parts.method import PART, Principal, UnreadRolesFact, _principals
from tenants.models import ServicePrincipal
from tests import factories
from tests.portal.delegations import OTHER, PROVIDER, READER, UNNAMED, add_delegation
from tests.portal.reports.conftest import Built, attached, text_of
from tests.portal.reports.kinds.rendering import rendered
from tests.portal.reports.unusual_customers.assessed import facts_of, words_of
from tests.portal.web.world import UNREAD, World


def gathered(built: Built, *, without_names: bool = False, **stored: Any) -> Principal:
    with factories.in_tenant(built.world.home):
        if stored:
            ServicePrincipal.objects.filter(tenant=built.world.home).update(**stored)
        (found,) = _principals(built.world.home, without_names=without_names)
    return found


@pytest.mark.slow(seconds=1)
def test_roles_are_printed_and_attached(built: Built, tmp_path: Path) -> None:
    text = " ".join(text_of(built.data, tmp_path).split())
    for part in (
        "Roles of the service principals", "Contoso auditor (through a group)", "and 2 further scopes, listed in",
        "Unknown for 1 subscription: Missing permission", "Policy.Read.All",
    ):  # fmt: skip
        assert part in text
    assert "does not record which roles each" not in text
    (stated,) = json.loads(attached(built.data, "results.json"))["principals"]
    assert [(role["role"], len(role["scopes"]), role["through_group"]) for role in stated["azure_roles"]] == [
        ("Contoso auditor", 8, True),
        ("Reader", 1, False),
    ]
    assert stated["azure_roles_unread"][0]["scopes"] == [f"/subscriptions/{UNREAD}"]
    assert stated["application_permissions"] == ["Policy.Read.All", "User.Read.All"]
    assert stated["application_permissions_unread"] is None
    assert stated["roles_read_at"]


def test_custom_roles_have_ids_in_a_report_without_names(built: Built) -> None:
    found = gathered(built, without_names=True)
    assert {role.role for role in found.azure_roles} == {"Reader", "c0000000-0000-0000-0000-000000000001"}


def test_a_report_without_names_says_in_its_language_that_the_name_is_left_out(built: Built) -> None:
    found = gathered(built, without_names=True)
    assert found.name == found.shown_name == "(name left out)"
    with translation.override("de"):
        assert found.shown_name == "(Name weggelassen)"


@pytest.mark.slow(seconds=3)
def test_a_disabled_service_principal_is_not_said_to_be_in_use(world: World) -> None:
    at = timezone.now()
    sentence = f"Disabled on {at:%Y-%m-%d %H:%M} UTC and not used since"
    with factories.in_tenant(world.home):
        assert sentence not in words_of(facts_of(world.home, kind="changes"))
        ServicePrincipal.objects.filter(tenant=world.home).update(disabled_at=at)
        found = facts_of(world.home, kind="changes")
        assert sentence in words_of(found)
    assert [principal.disabled_at for principal in found.of(PART).principals] == [at]


def test_unknown_roles_have_a_reason(built: Built) -> None:
    refused = Unread("", Reason.FORBIDDEN, "Application.Read.All")
    roles = as_plain(PrincipalRoles(azure_unread=(refused,), applications_unread=refused))
    found = gathered(built, roles=roles)
    unread = UnreadRolesFact("Missing permission", "Application.Read.All", ())
    assert (found.azure_roles, found.azure_roles_unread) == ((), (unread,))
    assert found.application_permissions_unread == unread
    never = gathered(built, roles=None, roles_read_at=None)
    assert (never.roles_read_at, never.azure_roles) == (None, ())


@pytest.mark.slow(seconds=3)
def test_delegated_roles_are_those_of_the_delegated_subscriptions(world: World, tmp_path: Path) -> None:
    home = world.home
    with factories.in_tenant(home):
        assert rendered(home, kind="executive").results["delegated_roles"] == []
        units = Unit.objects.filter(tenant=home, kind=Unit.Kind.SUBSCRIPTION, state=Unit.State.DONE)
        unit = units.order_by("-assessment__number")[0]
        units.filter(pk=unit.pk).update(is_delegated=True, gaps=[])
        assert "recorded no delegated roles for these subscriptions." in rendered(home).text(tmp_path)
        add_delegation(world, unit.scope_id, PROVIDER)
        add_delegation(world, "/subscriptions/90000000-0000-0000-0000-0000000000ff", OTHER)
        ObjectName.objects.create(
            status="known", tenant=home, directory=world.of(home)["directory"], guid=READER, kind="azure_role",
            display_name="Reader", read_at=timezone.now(),
        )  # fmt: skip
        made = rendered(home)
        common = {"managing_directory": PROVIDER, "units": [unit.name]}
        assert made.results["delegated_roles"] == [
            {**common, "role": UNNAMED, "eligible": True, "principals": 1},
            {**common, "role": "Reader", "eligible": False, "principals": 2},
        ]
        text = made.text(tmp_path)
        for part in ("Roles delegated with Azure Lighthouse", PROVIDER, "Must be activated"):
            assert part in text
        assert "recorded no delegated roles" not in text


@pytest.mark.slow(seconds=1)
def test_delegated_roles_that_could_not_be_read_are_unknown(world: World, tmp_path: Path) -> None:
    home = world.home
    gap = {
        "collection": "registration_assignments", "scope": "", "reason": "forbidden", "status": 403, "code": "",
        "request_id": "", "message": "", "permission": "Microsoft.ManagedServices/registrationAssignments/read",
        "path": "", "api_version": "",
    }  # fmt: skip
    with factories.in_tenant(home):
        units = Unit.objects.filter(tenant=home, kind=Unit.Kind.SUBSCRIPTION, state=Unit.State.DONE)
        unit = units.order_by("-assessment__number")[0]
        units.filter(pk=unit.pk).update(is_delegated=True, gaps=[gap])
        made = rendered(home, language="de")
        assert made.results["delegations_unread"] == [
            {"reason": "Missing permission", "permission": gap["permission"], "units": [unit.name]}
        ]
        text = made.text(tmp_path)
        assert "Die delegierten Rollen sind für 1 Abonnement unbekannt: Fehlende Berechtigung" in text
        assert "keine Delegierung" not in text
