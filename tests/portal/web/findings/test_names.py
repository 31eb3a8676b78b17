"""Names on pages of findings and in exports are escaped, come only from the same customer, and need one query."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.display.names import NO_NAMES, Kind, Status
from assessments.models import Finding, ObjectName
from portal.notify.models import Notice, Post
from portal.treatment.actions.owners.messages import notify_owner
from portal.treatment.naming import finding_label, label_with
from tenants.models import Directory, Tenant
from tests import factories
from tests.portal.web.world import World

AT = datetime(2026, 11, 26, tzinfo=UTC)
GUID = "aaaaaaaa-0000-0000-0000-000000000001"
LABEL = "Anna Berg (anna@contoso.com)"


def name(tenant: Tenant, guid: str = GUID, **more: Any) -> None:
    directory = Directory.objects.filter(tenant=tenant).first() or factories.directory(tenant)
    ObjectName.objects.create(
        tenant=tenant,
        directory=directory,
        guid=guid,
        read_at=AT,
        **{
            "kind": Kind.USER,
            "status": Status.KNOWN,
            "display_name": "Anna Berg",
            "principal_name": "anna@contoso.com",
            **more,
        },
    )


def about(finding: Finding, guid: str) -> None:
    """Make the object with the id `guid` the subject of the finding. The observed value and the reason name it too."""
    finding.subject = f"directory:90000000-0000-0000-0000-000000000009/users/{guid}"
    finding.subject_name = guid
    finding.observed = {"lacking": [guid], "isMfaCapable": False}
    finding.reason = f"Could not read the members of group {guid}"
    finding.save(update_fields=["subject", "subject_name", "observed", "reason"])


class _Attributes(HTMLParser):
    """Collects the names and values of all attributes. Text after a broken attribute appears as further names."""

    def __init__(self) -> None:
        super().__init__()
        self.values: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.values += [part for name, value in attrs for part in (name, value or "")]


@pytest.fixture
def person_finding(world: World) -> Finding:
    finding: Finding = world.of(world.home)["finding"]
    with factories.in_tenant(world.home):
        about(finding, GUID)
    return finding


def page_of(client: Client, world: World, finding: Finding) -> str:
    answer = client.get(reverse("finding", args=[world.home.slug, finding.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_shows_names_with_their_ids(engineer: Client, world: World, person_finding: Finding) -> None:
    with factories.in_tenant(world.home):
        name(world.home)
    html = page_of(engineer, world, person_finding)
    shown = f'<bdi>{LABEL}</bdi> <small class="id">{GUID}</small>'
    # The name appears at least as the subject, in the reason and in the observed value.
    assert html.count(shown) >= 3
    assert "Members without MFA" in html


def test_without_a_name_the_missing_permission_is_shown(
    engineer: Client, world: World, person_finding: Finding
) -> None:
    with factories.in_tenant(world.home):
        name(
            world.home,
            status=Status.NOT_READABLE,
            display_name="",
            principal_name="",
            permission="User.Read.All",
        )
    html = page_of(engineer, world, person_finding)
    assert "(name not readable: missing permission User.Read.All)" in html


@pytest.mark.slow(seconds=1)
def test_a_hostile_name_is_escaped_everywhere(
    engineer: Client, world: World, person_finding: Finding
) -> None:
    with factories.in_tenant(world.home):
        name(world.home, display_name='"><img src=x onerror=alert(1)>', principal_name="")
    addresses = (reverse("findings", args=[world.home.slug]) + "?layout=list", reverse("my"))
    pages = [engineer.get(address).content.decode() for address in addresses]
    pages.append(page_of(engineer, world, person_finding))
    assert all("&lt;img src=x" in pages[index] for index in (0, 2))
    for html in pages:
        assert "<img src=x" not in html
        attributes = _Attributes()
        attributes.feed(html)
        # Markup in an attribute would end the attribute at the first quote.
        assert not [text for text in attributes.values if "<span" in text or "bdi" in text]


def test_names_of_another_customer_are_not_used(
    engineer: Client, world: World, person_finding: Finding
) -> None:
    other = factories.tenant()
    with factories.in_tenant(other):
        name(other, display_name="Somebody else")
    html = page_of(engineer, world, person_finding)
    assert "Somebody else" not in html
    assert GUID in html


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len([q for q in captured.captured_queries if "assessments_objectname" in q["sql"]])


@pytest.mark.slow(seconds=1)
def test_a_list_reads_all_its_names_with_one_query(engineer: Client, world: World) -> None:
    guids = [f"aaaaaaaa-0000-0000-0000-00000000000{number}" for number in range(1, 5)]
    url = reverse("findings", args=[world.home.slug]) + "?layout=list&verdict=fail"
    listed = [row["id"] for row in engineer.get(url).context["rows"]]
    with factories.in_tenant(world.home):
        rows = list(Finding.objects.filter(tenant=world.home, pk__in=listed[: len(guids)]))
        for row, guid in zip(rows, guids, strict=False):
            about(row, guid)
            name(world.home, guid, display_name=f"Person {guid[-1]}", principal_name="")
    html = engineer.get(url).content.decode()
    assert all(f"<bdi>Person {guid[-1]}</bdi>" in html for guid in guids[: len(rows)])
    assert len(rows) > 1
    assert queries(engineer, url) == 1


def test_pages_without_people_read_no_names(engineer: Client, world: World) -> None:
    assert queries(engineer, reverse("findings", args=[world.home.slug]) + "?layout=list") == 0


def test_messages_name_subscriptions(world: World) -> None:
    finding = world.of(world.home)["finding"]
    subscription = world.of(world.home)["subscription"]
    with factories.in_tenant(world.home):
        finding.subject = f"/subscriptions/{subscription.subscription_id}"
        finding.subject_name = subscription.subscription_id
        assert finding_label(finding).endswith(f"” on {subscription.display_name}")


def test_exports_use_names_and_notices_use_ids(
    engineer: Client, world: World, person_finding: Finding
) -> None:
    with factories.in_tenant(world.home):
        name(world.home, display_name="=cmd()", principal_name="")
        assert f"on {GUID}" in finding_label(person_finding), "stored texts contain the id"
    answer = engineer.get(reverse("findings-csv", args=[world.home.slug]))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert "'=cmd()" in text
    assert "Members without MFA: =cmd()" in text
    # Values are not shown as JSON, so no cell contains braces, except in the column Fix: its commands may contain them.
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows
    assert [cell for row in rows for column, cell in row.items() if column != "Fix" and "{" in cell] == []


def test_notices_and_posts_contain_no_name_that_could_be_erased(
    world: World, person_finding: Finding
) -> None:
    with factories.in_tenant(world.home):
        name(world.home)
        other = Finding.objects.filter(tenant=world.home).exclude(pk=person_finding.pk).first()
        assert other is not None
        for rows in ([person_finding], [person_finding, other]):
            new = notify_owner(
                tenant=world.home,
                owner=world.people["owner"],
                rows=rows,
                findings=[row.pk for row in rows],
                kind="assigned",
                key=f"names-{len(rows)}",
            )
            assert new > 0
        stored = list(Notice.objects.filter(key__startswith="names-").values_list("title", "body"))
        stored += Post.objects.filter(key__startswith="names-").values_list("key", "payload")
    text = repr(stored)
    assert GUID in text
    assert "Anna" not in text
    assert "anna@contoso.com" not in text


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("Microsoft.Network/virtualNetworks/vnet-hub/subnets/default", "vnet-hub/default"),
        ("Microsoft.Network/virtualNetworks/default", "default"),
        ("Microsoft.Network/virtualNetworks/vnet-hub/subnets/snet-app", "snet-app"),
    ],
)
def test_a_resource_named_default_has_the_name_of_its_parent(path: str, name: str) -> None:
    finding = Finding(
        control="subnet-nsg",
        outcome="fail",
        subject=f"/subscriptions/{GUID}/resourceGroups/rg/providers/{path}",
        subject_name=path.rpartition("/")[2],
    )
    assert label_with(finding, NO_NAMES).endswith(f"” on {name}")
