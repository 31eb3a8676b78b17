"""The permissions page against an emulated Azure, and the grants listed for an assessment's gaps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from assessments.actions.credentials import preflight as action
from assessments.actions.credentials import preflight as actions
from assessments.controls.registry import catalogue
from assessments.management.sandboxed import serve
from assessments.permissions.grants import APP_ROLES, Grant, reader_commands
from portal.web.settings.views import preflight as page
from portal.web.shared import permission_cards
from tenants.actions.subscriptions import sync_subscriptions
from tenants.azure.credentials import DiscoveredSubscription
from tenants.models import Directory, ServicePrincipal
from tenants.roles import Role
from tests import factories
from tests.assessments.assessed_customer import registered, write
from tests.assessments.collect.azure import CLIENT, DIRECTORY, SECRET, directory, guid, subscription
from tests.assessments.permissions.readable_estates import (
    ONES,
    SOME_GRAPH,
    WITHOUT_APPLICATIONS,
    directory_role,
    without_applications,
)
from tests.assessments.sandboxed_customer import sent, work
from tests.factories.places import BY
from tests.portal.web.world import SignIn, World


@contextmanager
def served_page(
    folder: Path,
    sign_in: SignIn,
    more: Sequence[Any] = (),
    *,
    known: int = 1,
    secret: str = SECRET,
    **client: Any,
) -> Iterator[tuple[Client, str, ServicePrincipal]]:
    """Serve an estate, to which `more` adds lines. Yield a client that is signed in as an administrator, the address of
    the permissions page, and a service principal with `known` subscriptions.
    """
    lines = [directory(**client), *SOME_GRAPH, *ONES, *more]
    for number in range(1, max(known, 1) + 1):
        lines += subscription(guid(number))
    with serve(write(folder / "estate.jsonl", lines)) as served:
        principal = registered(served.url, served.ca, DIRECTORY, CLIENT, secret)
        seen = [DiscoveredSubscription(guid(n), f"Subscription {n}", "Enabled") for n in range(1, known + 1)]
        with factories.in_tenant(principal.directory.tenant):
            sync_subscriptions(by=BY, service_principal=principal, discovered=seen)
        who = factories.member(Role.TENANT_ADMINISTRATOR, principal.directory.tenant)
        url = reverse("preflight", args=[principal.directory.tenant.slug, principal.pk])
        yield sign_in(who), url, principal


def answered(client: Client, url: str) -> Any:
    """Start a check on the page, run its task, and reload."""
    sent()
    answer = client.post(url)
    assert (answer.status_code, answer.headers["Location"]) == (302, url)
    assert work() == 1
    return client.get(url)


def checked(principal: ServicePrincipal) -> ServicePrincipal:
    with factories.in_tenant(principal.directory.tenant):
        return ServicePrincipal.objects.get(pk=principal.pk)


@pytest.mark.django_db(transaction=True)
class TestPage:
    def test_opening_the_page_starts_no_check(self, tmp_path: Path, sign_in: SignIn) -> None:
        with served_page(tmp_path, sign_in) as (client, url, principal):
            html = client.get(url).content.decode()
        assert "Check permissions" in html
        assert "in 1 subscription and the directory" in html
        assert checked(principal).last_checked_at is None

    @pytest.mark.slow(seconds=1)
    def test_complete_permissions_are_reported_as_complete(self, tmp_path: Path, sign_in: SignIn) -> None:
        with served_page(tmp_path, sign_in) as (client, url, principal):
            answer = answered(client, url)
        assert answer.status_code == 200
        assert "every control can be assessed" in answer.content.decode()
        assert "Permissions to grant" not in answer.content.decode()
        assert sum(len(rows) for _, rows in answer.context["judged"]) == len(catalogue())
        assert checked(principal).healthy

    @pytest.mark.slow(seconds=1)
    def test_application_permissions_that_permit_changes_are_named(
        self, tmp_path: Path, sign_in: SignIn
    ) -> None:
        with served_page(tmp_path, sign_in, graph=[*APP_ROLES, "Mail.Send"]) as (client, url, _):
            answer = answered(client, url)
        html = " ".join(answer.content.decode().split())
        assert "<li>Directory: application permission Mail.Send</li>" in html
        assert "revoke the permission there" in html
        assert "remove the application." not in html

    @pytest.mark.slow(seconds=1)
    def test_directory_roles_of_the_principal_are_named(self, tmp_path: Path, sign_in: SignIn) -> None:
        more = directory_role("Global Administrator")
        with served_page(tmp_path, sign_in, more) as (client, url, _):
            answer = answered(client, url)
        html = " ".join(answer.content.decode().split())
        assert "<li>Directory: directory role Global Administrator</li>" in html
        assert "remove the application." in html
        assert "revoke the permission there" not in html

    @pytest.mark.slow(seconds=1)
    def test_missing_permissions_are_listed_with_their_grants(self, tmp_path: Path, sign_in: SignIn) -> None:
        granted = ["Policy.Read.All", "User.Read.All", "Domain.Read.All", "RoleManagement.Read.Directory"]
        with served_page(tmp_path, sign_in, known=2, graph=granted, subscriptions=[guid(1)]) as (
            client, url, _,
        ):  # fmt: skip
            answer = answered(client, url)
        html = answer.content.decode()
        cards = {card.title: card for card in answer.context["closing"].cards}
        reader = cards["Reader on Subscription 2"]
        (line,) = reader_commands(CLIENT, [guid(2)])
        # One grant is enough for all refused actions.
        assert (reader.command, len(reader.rights) > 5) == (line, True)
        # The style sheet makes the column of commands wide in tables with the class `grants`.
        assert '<table role="table" class="grants">' in html
        assert escape(line) in html
        assert guid(1) not in reader.command
        assert "AuditLog.Read.All in Microsoft Graph" in cards
        assert "data-copy" in html
        wheres = {m["where"] for row in answer.context["not_judged"] for m in row["missing"]}
        assert wheres == {"Subscription 2", "directory"}

    @pytest.mark.slow(seconds=1)
    def test_permissions_for_names_are_optional(
        self, tmp_path: Path, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        without_applications(monkeypatch)
        with served_page(tmp_path, sign_in, graph=WITHOUT_APPLICATIONS) as (client, url, principal):
            answer = answered(client, url)
        html = answer.content.decode()
        assert "every control can be assessed" in html
        assert "Permissions to grant" not in html
        assert "Names on findings" in html
        assert "findings show names of people and objects instead of ids" in " ".join(html.split())
        assert APP_ROLES["Application.Read.All"] in answer.context["name_commands"]
        assert escape(answer.context["name_commands"]) in html
        assert checked(principal).healthy

    def test_wrong_secret_is_explained(self, tmp_path: Path, sign_in: SignIn) -> None:
        wrong = "another-secret~of-nobody"
        with served_page(tmp_path, sign_in, secret=wrong) as (client, url, principal):
            html = answered(client, url).content.decode()
        assert "Sign-in failed" in html
        assert "AADSTS7000215" in html
        assert wrong not in html
        assert checked(principal).last_error_code == "AADSTS7000215"

    @pytest.mark.slow(seconds=1)
    def test_without_subscriptions_the_reader_role_is_missing(self, tmp_path: Path, sign_in: SignIn) -> None:
        with served_page(tmp_path, sign_in, known=0, subscriptions=[]) as (client, url, _):
            answer = answered(client, url)
        titles = [card.title for card in answer.context["closing"].cards]
        assert titles == ["Reader on each subscription to be assessed"]
        assert "no visible subscription" in answer.content.decode()

    @pytest.mark.slow(seconds=1)
    def test_unchecked_subscriptions_are_mentioned(
        self, tmp_path: Path, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for module in (page, actions):
            monkeypatch.setattr(module, "MAX_SUBSCRIPTIONS", 1)
        with served_page(tmp_path, sign_in, known=2) as (client, url, _):
            answer = answered(client, url)
        assert "checks the first 1 of 2 subscriptions" in answer.content.decode()
        assert len(answer.context["report"].subscriptions) == 1

    @pytest.mark.slow(seconds=1)
    def test_page_polls_while_a_worker_checks_and_starts_one_check_only(
        self, tmp_path: Path, sign_in: SignIn
    ) -> None:
        with served_page(tmp_path, sign_in) as (client, url, principal):
            client.post(url)
            client.post(url)
            html = client.get(url).content.decode()
            assert "Checking permissions since" in html
            assert f'hx-get="{url}" hx-trigger="every 2s"' in html
            assert checked(principal).last_checked_at is None
            assert work() == 1
            html = client.get(url).content.decode()
        assert "hx-trigger" not in html.partition('id="preflight"')[2].partition(">")[0]
        assert "every control can be assessed" in html

    @pytest.mark.slow(seconds=1)
    def test_check_without_a_worker_is_reported_as_unfinished(
        self, tmp_path: Path, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with served_page(tmp_path, sign_in) as (client, url, _):
            client.post(url)
            monkeypatch.setattr(action, "LOST_AFTER", -1)
            assert "did not finish" in client.get(url).content.decode()
            monkeypatch.setattr(action, "LOST_AFTER", 60)
            assert work() == 1
            assert "every control can be assessed" in client.get(url).content.decode()

    @pytest.mark.slow(seconds=1)
    def test_internal_error_is_reported_and_raised(
        self, tmp_path: Path, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with served_page(tmp_path, sign_in) as (client, url, _):
            client.post(url)
            monkeypatch.setattr(action, "_details", lambda report: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                work()
            assert "did not finish" in client.get(url).content.decode()


@pytest.mark.parametrize("name", ["tenant", "assessment"])
def test_the_pages_of_an_assessment_name_the_grant(world: World, sign_in: SignIn, name: str) -> None:
    """In the test data, network security groups could not be read."""
    own = world.of(world.home)
    arguments = [world.home.slug] if name == "tenant" else [world.home.slug, own["assessment"].pk]
    answer = sign_in(world.people["organization_engineer"]).get(reverse(name, args=arguments))
    (card,) = answer.context["closing"].cards
    assert card.title == "Reader on Production"
    assert card.rights == ("Microsoft.Network/networkSecurityGroups/read",)
    assert card.waiting > 0
    (line,) = reader_commands(own["principal"].client_id, [own["subscription"].subscription_id])
    assert card.command == line
    assert escape(card.command) in answer.content.decode()


@pytest.mark.parametrize("name", ["tenant", "assessment"])
def test_owners_do_not_see_service_principals(world: World, sign_in: SignIn, name: str) -> None:
    own = world.of(world.home)
    arguments = [world.home.slug] if name == "tenant" else [world.home.slug, own["assessment"].pk]
    html = sign_in(world.people["owner"]).get(reverse(name, args=arguments)).content.decode()
    assert own["principal"].client_id not in html


def unsaved(cloud: str) -> ServicePrincipal:
    return ServicePrincipal(
        client_id=CLIENT, directory=Directory(directory_id=DIRECTORY, name="One", cloud_name=cloud)
    )


@pytest.mark.parametrize(
    ("cloud", "name"),
    [
        ("AzureUSGovernment", "AzureUSGovernment"),
        ("AzureUSGovernmentDoD", "AzureUSGovernment"),
        ("AzureChinaCloud", "AzureChinaCloud"),
    ],
)
def test_commands_sign_in_to_a_sovereign_cloud_first(cloud: str, name: str) -> None:
    grants = [Grant("Microsoft.A/x/read", (next(iter(catalogue())),), ("az one /subscriptions/s1",))]
    found = permission_cards.of_grants(grants, unsaved(cloud), {})
    first = [f"az cloud set --name {name}", f"az login --tenant {DIRECTORY}"]
    assert found.everything.splitlines() == [*first, "az one /subscriptions/s1"]
    assert found.cards[0].command == found.everything
    assert "az cloud set" not in permission_cards.of_grants(grants, unsaved("AzureCloud"), {}).everything
    assert permission_cards.of_grants([], unsaved(cloud), {}).everything == ""


def test_grants_are_merged_and_count_controls_that_need_nothing_else() -> None:
    a, b, c = list(catalogue())[:3]
    grants = [
        Grant("Microsoft.A/x/read", (a, b), ("az one /subscriptions/s1",)),
        Grant("Microsoft.B/y/read", (b,), ("az one /subscriptions/s1",)),
        Grant("Policy.Read.All|Directory.Read.All", (b, c), ("az two", "az consent")),
        Grant("User.Read.All", (), ("az three", "az consent")),
    ]
    found = permission_cards.of_grants(grants, unsaved("AzureCloud"), {"/subscriptions/s1": "Production"})
    cards = found.cards
    assert [(card.title, card.waiting, card.alone) for card in cards] == [
        ("Reader on Production", 2, 1),
        ("Policy.Read.All in Microsoft Graph", 2, 1),
    ]
    # No control needs the missing permission User.Read.All, so nobody is asked to grant it.
    assert "az three" not in found.everything
    assert cards[0].rights == ("Microsoft.A/x/read", "Microsoft.B/y/read")
    assert cards[1].rights == ("Policy.Read.All or Directory.Read.All",)
