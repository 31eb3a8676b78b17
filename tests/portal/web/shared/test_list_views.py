"""Saved views of the portfolio and of all findings."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from portal.treatment.models import ListView
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.portal.web.requests import page
from tests.portal.web.world import SignIn, World
from tests.signed_in import signed_in_client


@pytest.mark.parametrize("name", ["portfolio", "all-findings"])
def test_filters_are_saved_under_a_name_and_deleted(engineer: Client, world: World, name: str) -> None:
    save = reverse("list-view-save", args=[world.organization.slug])
    data = {"page": name, "name": "Ours", "query": "label=gold&page=3"}
    answer = engineer.post(save, data)
    assert answer["Location"] == f"{reverse(name)}?label=gold"
    html = page(engineer, name, query="?label=gold")
    assert '<a href="?label=gold" aria-current="page">Ours</a>' in html
    with organization_scope(world.organization):
        view = ListView.objects.get(name="Ours")
    engineer.post(reverse("list-view-delete", args=[world.organization.slug, view.pk]))
    assert ">Ours<" not in page(engineer, name)


def test_saving_a_name_again_replaces_its_filters(engineer: Client, world: World) -> None:
    save = reverse("list-view-save", args=[world.organization.slug])
    for query in ("label=gold", "show=critical"):
        engineer.post(save, {"page": "portfolio", "name": "Ours", "query": query})
    with organization_scope(world.organization):
        assert [view.query for view in ListView.objects.filter(name="Ours")] == ["show=critical"]


def test_only_shared_views_are_seen_by_others_and_only_authors_delete(world: World, engineer: Client) -> None:
    save = reverse("list-view-save", args=[world.organization.slug])
    for name, shared in (("Private", {}), ("Common", {"shared": "on"})):
        engineer.post(save, {"page": "portfolio", "name": name, "query": "label=gold", **shared})
    other = signed_in_client(factories.member(Role.ORGANIZATION_ENGINEER, world.organization))
    html = page(other, "portfolio")
    assert "Common" in html
    assert "Private" not in html
    with organization_scope(world.organization):
        found = {view.name: view for view in ListView.objects.all()}
    delete = {
        name: reverse("list-view-delete", args=[world.organization.slug, view.pk])
        for name, view in found.items()
    }
    assert other.post(delete["Common"]).status_code == 403
    assert other.post(delete["Private"]).status_code == 404


@pytest.mark.parametrize("data", [{"name": ""}, {"page": "elsewhere"}, {"name": "x" * 81}])
def test_a_view_that_cannot_be_saved_is_refused_with_a_reason(
    engineer: Client, world: World, data: dict[str, str]
) -> None:
    save = reverse("list-view-save", args=[world.organization.slug])
    form = {"page": "portfolio", "name": "Ours", "query": "", **data}
    assert "toast" in engineer.post(save, form, follow=True).content.decode()
    with organization_scope(world.organization):
        assert not ListView.objects.filter(name__startswith="x").exists()
        assert not ListView.objects.filter(name="Ours").exists()


@pytest.mark.slow(seconds=1)
def test_all_findings_have_built_in_views(engineer: Client, sign_in: SignIn, world: World) -> None:
    """Auditors may not save views, but they have the built-in ones."""
    for client in (engineer, sign_in(world.people["auditor"])):
        html = page(client, "all-findings", query="?due=overdue&page=2")
        assert '<a href="?due=overdue" aria-current="page">Overdue</a>' in html
        assert '<a href="?state=open">Open</a>' in html
        assert "View: Overdue" in html
        assert ">Critical and high</a>" not in page(client, "portfolio", query="?show=critical")
    assert "Save view" in page(engineer, "all-findings")
    assert "Save view" not in page(sign_in(world.people["auditor"]), "all-findings")
