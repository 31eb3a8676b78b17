"""Every address has sample arguments, and is closed to people without access, such as people who are not signed in.

test_operation_sweep checks the status that each role gets in the person's own tenant, and that addresses of another
tenant are 404 with every method.

The addresses come from the URLconf. A new address that is neither the page of a navigation entry nor in ADDRESSES
(addresses.py) makes a test fail.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from assessments.models import Assessment
from tenants.actions import grant_membership
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.isolation.addresses import ADDRESSES, WITHOUT_TENANT, call, client_of, held, walk
from tests.portal.web.world import World

pytestmark = pytest.mark.slow(seconds=25, always=True)


# Addresses whose second argument can be valid for several tenants, such as the slug of a control or a number.
OF_THE_CATALOGUE = {
    "ticket-system-add",
    "parameter",
    "profile-control-on",
    "findings-group",
    "tenant-framework",
    "tenant-framework-csv",
    "tenant-framework-xlsx",
    "journal-entry",
    "organization-journal-entry",
    "report",
    "report-link-add",
    "report-revoke",
    "portfolio-report",
    "portfolio-report-link-add",
    "portfolio-report-revoke",
}
# Addresses that these tests leave out. Those of allauth are about the account of the person who calls them. The API and
# the authorization server do not accept sessions: tests/portal/api sweeps the API, and
# tests/portal/accounts/test_client_credentials.py attacks the authorization server.
ELSEWHERE = ("accounts/", "^accounts/", "api/", "oauth/")


ROUTES = [
    (route, entry) for route, entry in walk(get_resolver().url_patterns) if not route.startswith(ELSEWHERE)
]


def test_every_address_is_swept() -> None:
    unnamed = [route for route, entry in ROUTES if not entry.name]
    assert unnamed == [], "give these addresses a name"
    names = {str(entry.name) for _, entry in ROUTES}
    assert names - set(ADDRESSES) == set(), "add sample arguments to ADDRESSES"
    assert set(ADDRESSES) - names == set(), "these addresses no longer exist"


@pytest.mark.parametrize(("route", "entry"), ROUTES, ids=lambda part: part if isinstance(part, str) else "")
def test_addresses_with_a_tenant_are_called_with_one(route: str, entry: URLPattern) -> None:
    has_arguments = "<" in route and entry.name not in WITHOUT_TENANT
    assert ADDRESSES[str(entry.name)].has_tenant == has_arguments or entry.name in WITHOUT_TENANT


# Addresses of allauth with arguments: signed tokens of mails, ids of a person's own security keys, and the name of the
# identity provider, which tests/portal/accounts/test_single_sign_on.py attacks.
OF_ACCOUNTS = {
    "openid_connect_callback",
    "openid_connect_login",
    "account_confirm_email",
    "account_reset_password_from_key",
    "mfa_edit_webauthn",
    "mfa_remove_webauthn",
}


def test_addresses_of_accounts_with_arguments_are_known() -> None:
    """The argument of an address of allauth may name another person's object. So a test must attack each new address,
    here or in tests/portal/accounts.
    """
    found = {
        str(entry.name)
        for route, entry in walk(get_resolver().url_patterns)
        if route.startswith(ELSEWHERE[:2]) and ("<" in route or "(?P" in route)
    }
    assert found - OF_ACCOUNTS == set()


def test_security_keys_of_another_person_are_out_of_reach(world: World) -> None:
    theirs = Authenticator.objects.create(
        user=world.of(world.foreign)["waiting"].person, type=Authenticator.Type.WEBAUTHN, data={"name": "Key"}
    )
    client = client_of(world.people["organization_administrator"])
    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        url = reverse(name, args=[theirs.pk])
        for response in (client.get(url), client.post(url, {"name": "Mine"})):
            assert response.status_code in (302, 404)
            assert "Key" not in response.content.decode()
    theirs.refresh_from_db()


@pytest.mark.usefixtures("bare_refusals")
@pytest.mark.parametrize("role", list(Role))
def test_object_of_another_tenant_under_the_own_slug_is_not_found(world: World, role: Role) -> None:
    """Use the slug of the person's own tenant with the id of another tenant's object."""
    client = client_of(world.people[role.value])
    found = {}
    for name, address in ADDRESSES.items():
        arguments = address.arguments(world, world.foreign)
        if len(arguments) < 2 or name in OF_THE_CATALOGUE:
            continue
        slug = world.organization.slug if address.in_organization else world.home.slug
        url = reverse(name, args=[slug, *arguments[1:]])
        found[name] = (client.post(url) if address.post else client.get(url)).status_code
    assert found
    refused = {
        name
        for name in found
        if not {ADDRESSES[name].needs, ADDRESSES[name].also} & held(ADDRESSES[name], role)
    }
    assert found == {name: 403 if name in refused else 404 for name in found}


@pytest.mark.usefixtures("bare_refusals")
def test_person_without_memberships_sees_no_tenant(world: World) -> None:
    client = client_of(factories.person())
    swept = [name for name, address in ADDRESSES.items() if address.has_tenant and name not in WITHOUT_TENANT]
    for tenant in (world.home, world.foreign):
        assert {name: call(client, name, world, tenant) for name in swept} == dict.fromkeys(swept, 404)


@pytest.mark.usefixtures("bare_refusals")
def test_auditors_reach_no_address_of_the_customer_before_and_after_their_time(world: World) -> None:
    now, who = timezone.now(), factories.person()
    with organization_scope(world.organization):
        grant_membership(
            by=factories.BY, person=who, organization=world.organization, tenant=world.home, role=Role.AUDITOR,
            valid_from=now + timedelta(days=1), valid_until=now + timedelta(days=3),
        )  # fmt: skip
    swept = [name for name, address in ADDRESSES.items() if address.has_tenant and name not in WITHOUT_TENANT]
    for days in (0, 4):
        with time_machine.travel(now + timedelta(days=days)):
            client = client_of(who)
            assert {name: call(client, name, world, world.home) for name in swept} == dict.fromkeys(
                swept, 404
            )
    with time_machine.travel(now + timedelta(days=2)):
        assert call(client_of(who), "audit-room", world, world.home) == 200


def test_anonymous_requests_must_sign_in(world: World) -> None:
    client = client_of(None)
    for name, address in ADDRESSES.items():
        url = reverse(name, args=address.arguments(world, world.home))
        response = client.post(url, address.data(world, world.home)) if address.post else client.get(url)
        if address.public:
            assert response.status_code == 404 if address.unknown else response.status_code < 400, name
            assert "/accounts/login/" not in response.headers.get("Location", ""), name
        else:
            assert (response.status_code, response.headers["Location"].split("?")[0]) == (
                302,
                "/accounts/login/",
            ), name


def test_addresses_that_change_data_refuse_get(world: World) -> None:
    client = client_of(world.people["organization_engineer"])
    changing = [name for name, address in ADDRESSES.items() if address.post]
    found = {
        name: client.get(reverse(name, args=ADDRESSES[name].arguments(world, world.home))).status_code
        for name in changing
    }
    assert found == dict.fromkeys(changing, 405)


@pytest.mark.parametrize("role", list(Role))
def test_lists_and_search_show_no_other_tenants(world: World, role: Role) -> None:
    client = client_of(world.people[role.value])
    theirs = world.of(world.foreign)
    needles = [
        world.foreign.name.split()[1],
        reverse("finding", args=[world.foreign.slug, theirs["finding"].pk]),
        theirs["finding"].subject_name,
    ]
    for url in (
        reverse("portfolio"),
        reverse("palette") + "?q=Foreign",
        reverse("palette") + f"?q={theirs['finding'].pk}",
        reverse("control", args=[theirs["finding"].control]),
    ):
        html = client.get(url).content.decode()
        assert [needle for needle in needles if needle in html] == [], url


def test_assessment_of_another_tenant_cannot_be_started_from_the_portfolio(world: World) -> None:
    client = client_of(world.people["organization_administrator"])
    response = client.post(reverse("portfolio-start"), {"tenant": [world.home.slug, world.foreign.slug]})
    assert response.status_code == 404
    for tenant in (world.home, world.foreign):
        with factories.in_tenant(tenant):
            assert not Assessment.objects.filter(tenant=tenant, number=3).exists()
