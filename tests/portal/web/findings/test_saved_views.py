"""Saved views: private or shared, changed only by the person who saved them."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from portal.treatment.actions.saved_views import MAX_QUERY, MAX_VIEWS, change_view, delete_view, save_view
from portal.treatment.models import SavedView
from portal.web.findings.address import Address, known_parameters
from tenants.errors import InvalidInput, PermissionDenied
from tenants.models import JournalEntry
from tests import factories
from tests.portal.web.world import SignIn, World


def names(client: Client, world: World, query: str = "") -> dict[str, Any]:
    tabs = client.get(reverse("findings", args=[world.home.slug]) + query).context["tabs"]
    return {tab.name: tab for tab in tabs if tab.saved}


@pytest.mark.slow(seconds=1)
def test_a_view_is_saved_renamed_and_deleted(world: World, sign_in: SignIn) -> None:
    me = world.people["tenant_administrator"]
    client = sign_in(me)
    slug = world.home.slug
    query = "state=open&severity=high&layout=list&sort=due&col=owner"
    response = client.post(
        reverse("findings-view-save", args=[slug]), {"name": "  My   due ", "query": f"{query}&page=3&x=1"}
    )
    with factories.in_tenant(world.home):
        view = SavedView.objects.get(person=me)
    assert (view.name, view.shared) == ("My due", False)
    assert QueryDict(view.query).dict() == QueryDict(query).dict()
    assert response["Location"] == f"{reverse('findings', args=[slug])}?{view.query}"
    tab = names(client, world, f"?{view.query}")["My due"]
    assert tab.current
    assert tab.mine
    # Neither the order of the filters nor the layout matters.
    assert names(client, world, "?severity=high&state=open")["My due"].current
    assert not names(client, world, "?severity=high")["My due"].current
    assert "My due" not in names(sign_in(world.people["auditor"]), world)

    client.post(
        reverse("findings-view-change", args=[slug, view.pk]),
        {"name": "Ours", "query": "state=unknown", "refilter": "on", "shared": "on"},
    )
    other = names(sign_in(world.people["auditor"]), world, "?state=unknown")["Ours"]
    assert other.current
    assert not other.mine
    assert me.get_full_name() in other.note
    client.post(reverse("findings-view-delete", args=[slug, view.pk]))
    assert "Ours" not in names(client, world)
    with factories.in_tenant(world.home):
        actions = list(
            JournalEntry.objects.filter(action__startswith="view.", actor__contains=me.email)
            .order_by("sequence")
            .values_list("action", flat=True)
        )
    assert actions == ["view.saved", "view.changed", "view.deleted"]


@pytest.mark.parametrize(
    ("name", "query"),
    [("", ""), ("  ", ""), ("x" * 81, ""), ("Long", "q=" + "x" * MAX_QUERY), ("Taken", "")],
)
def test_invalid_views_are_refused(world: World, name: str, query: str) -> None:
    me = world.people["auditor"]
    with factories.in_tenant(world.home):
        save_view(tenant=world.home, by=me, name="Taken", query="")
        with pytest.raises(InvalidInput):
            save_view(tenant=world.home, by=me, name=name, query=query)
        assert SavedView.objects.filter(person=me).count() == 1
        # Another person may use the same name.
        save_view(tenant=world.home, by=world.people["approver"], name="Taken", query="")


def test_the_number_of_views_is_limited(world: World) -> None:
    me = world.people["auditor"]
    with factories.in_tenant(world.home):
        SavedView.objects.bulk_create(
            SavedView(tenant=world.home, person=me, name=f"View {number}") for number in range(MAX_VIEWS)
        )
        with pytest.raises(InvalidInput, match="Delete a view"):
            save_view(tenant=world.home, by=me, name="One more", query="")


def test_only_its_author_changes_a_view(world: World) -> None:
    view, other = world.of(world.home)["view"], world.people["auditor"]
    with factories.in_tenant(world.home):
        with pytest.raises(PermissionDenied):
            change_view(view=view, by=other, name="Mine now")
        with pytest.raises(PermissionDenied):
            delete_view(view=view, by=other)
        view.refresh_from_db()
        assert view.name == "Storage, failing"


def test_another_person_s_private_view_is_not_found(world: World, sign_in: SignIn) -> None:
    with factories.in_tenant(world.home):
        view = save_view(tenant=world.home, by=world.people["approver"], name="Private", query="")
    client = sign_in(world.people["organization_administrator"])
    for name in ("findings-view-change", "findings-view-delete"):
        url = reverse(name, args=[world.home.slug, view.pk])
        assert client.post(url, {"name": "Taken over"}).status_code == 404


def test_an_owner_cannot_share_views(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.people["owner"])
    response = client.post(
        reverse("findings-view-save", args=[world.home.slug]),
        {"name": "Due", "query": "due=7", "shared": "on"},
    )
    assert "saved" in str(next(iter(get_messages(response.wsgi_request))))
    with factories.in_tenant(world.home):
        assert not SavedView.objects.get(name="Due").shared


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("page=2&state=open&open=x&next=//evil", "state=open"),
        ("sort=due&q=a%20b&state=open&state=gone", "state=open&state=gone&q=a+b&sort=due"),
        ("state=&q=", ""),
        ("severity=%00high", "severity=high"),
    ],
)
def test_a_view_keeps_only_known_parameters(given: str, kept: str) -> None:
    assert known_parameters(QueryDict(given)).urlencode() == kept
    assert Address.parse(QueryDict(given)).text == kept
