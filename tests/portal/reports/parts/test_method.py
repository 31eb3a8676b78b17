"""The method names the roles of each service principal, or says why they are unknown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from assessments.estate.gaps import Reason
from assessments.estate.principal_roles import PrincipalRoles, Unread, as_plain
from portal.reports.parts.method import Principal, UnreadRolesFact, _principals
from tenants.models import ServicePrincipal
from tests import factories
from tests.portal.reports.conftest import Built, attached, text_of
from tests.portal.web.world import UNREAD


def gathered(built: Built, *, without_names: bool = False, **stored: Any) -> Principal:
    with factories.in_tenant(built.world.home):
        if stored:
            ServicePrincipal.objects.filter(tenant=built.world.home).update(**stored)
        (found,) = _principals(built.world.home, without_names=without_names)
    return found


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


def test_unknown_roles_have_a_reason(built: Built) -> None:
    refused = Unread("", Reason.FORBIDDEN, "Application.Read.All")
    roles = as_plain(PrincipalRoles(azure_unread=(refused,), applications_unread=refused))
    found = gathered(built, roles=roles)
    unread = UnreadRolesFact("Missing permission", "Application.Read.All", ())
    assert (found.azure_roles, found.azure_roles_unread) == ((), (unread,))
    assert found.application_permissions_unread == unread
    never = gathered(built, roles=None, roles_read_at=None)
    assert (never.roles_read_at, never.azure_roles) == (None, ())
