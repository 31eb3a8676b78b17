"""Roles and the access review: pages, export, journal entries, and the immediate effect of changes."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags as striptags

from portal.accounts.actions.service_accounts import set_service_account_active
from portal.queries.access_review import HEADER
from tenants.actions import decide_membership, grant_membership, revoke_membership
from tenants.actions.reviews import last_review
from tenants.models import Membership, OrganizationJournalEntry
from tenants.roles import Role
from tenants.scope import organization_scope, person_scope
from tenants.values.time_display import day
from tests import factories
from tests.factories import BY
from tests.portal.web.requests import page
from tests.portal.web.world import SignIn, World

pytestmark = pytest.mark.django_db


def url(world: World, name: str) -> str:
    return reverse(name, args=[world.organization.slug])


def seen(html: str) -> str:
    return html.split('name="seen" value="')[1].split('"', maxsplit=1)[0]


def test_the_table_of_roles_is_shown(world: World, administrator: Client) -> None:
    html = page(administrator, "organization-roles", world.organization.slug)
    for role in Role:
        assert role.label in html
    # On phones, each cell shows the name of its role, and the word Yes or No.
    held = html.split("Approve or refuse exceptions requested by others")[1].split("</tr>")[0]
    assert set(re.findall(r'<span class="shown-s">(Yes|No)</span>\s*</td>', held)) == {"Yes", "No"}
    assert "Approve or refuse exceptions requested by others" in html


def test_the_review_shows_windows_and_remarks(world: World, administrator: Client) -> None:
    owner = world.people["owner"]
    owner.last_seen_at = timezone.now() - timedelta(days=120)
    owner.save()
    html = page(administrator, "access-review", world.organization.slug)
    assert "Auditors’ access" in html
    for remark in ("Never seen", "Not seen for 120 days", "Waiting for a second administrator"):
        assert remark in html
    assert "Never reviewed." in html
    # Phones show these columns too, because a reviewer needs them to decide.
    rows = html.split("Record the review")[0].split("Auditors’ access")[-1]
    for column in ("Until", "Last seen"):
        cells = re.findall(rf'<td[^>]*data-label="{column}"[^>]*>', rows)
        assert cells, column
        assert not [cell for cell in cells if "hide-s" in cell], column


def test_the_review_says_how_many_service_accounts_have_access_too(
    world: World, administrator: Client
) -> None:
    def shown() -> str:
        return " ".join(striptags(page(administrator, "access-review", world.organization.slug)).split())

    assert "1 service account also has access: check the page Service accounts too." in shown()
    with organization_scope(world.organization):
        account = world.of(world.home)["service_account"]
        set_service_account_active(by=BY, account=account, active=False)
    assert "service account also" not in shown()


def test_the_review_shows_since_when_and_from_whom(world: World, administrator: Client) -> None:
    """The access is granted today, but starts in three days. “Since” shows the start."""
    kim, by = factories.person("kim@example.com", name="Kim Novak"), world.people["tenant_administrator"]
    start, end = timezone.now() + timedelta(days=3), timezone.now() + timedelta(days=40)
    with person_scope(by):
        grant_membership(
            by=by,
            person=kim,
            organization=world.organization,
            tenant=world.home,
            role=Role.AUDITOR,
            valid_from=start,
            valid_until=end,
        )
    html = page(administrator, "access-review", world.organization.slug)
    (row,) = {part for part in re.findall(r"<tr\b.*?</tr>", html, re.DOTALL) if "kim@" in striptags(part)}
    cells = re.findall(r'<td[^>]*data-label="([^"]+)"[^>]*>(.*?)</td>', row, re.DOTALL)
    shown = {label: " ".join(striptags(cell).split()) for label, cell in cells}
    assert (shown["Since"], shown["Until"]) == (day(start), day(end))
    assert shown["Granted by"] == by.get_full_name()
    content = administrator.get(url(world, "access-review-csv")).getvalue().decode("utf-8-sig")
    (listed,) = [one for one in csv.DictReader(io.StringIO(content)) if one["Email address"] == kim.email]
    assert listed["Since (UTC)"][:10] == f"{start:%Y-%m-%d}"
    assert listed["Until (UTC)"][:10] == f"{end:%Y-%m-%d}"
    assert by.email in listed["Granted by"]


def test_a_review_is_recorded_with_its_date_and_list(world: World, administrator: Client) -> None:
    digest = seen(page(administrator, "access-review", world.organization.slug))
    answer = administrator.post(url(world, "access-reviewed"), {"seen": digest, "note": "Quarterly."})
    assert answer.status_code == 302
    with organization_scope(world.organization):
        entry = OrganizationJournalEntry.objects.order_by("-sequence")[0]
        review = last_review(world.organization)
    assert (entry.action, entry.details["note"], entry.details["sha256"]) == (
        "access.reviewed",
        "Quarterly.",
        digest,
    )
    assert review is not None
    assert review.at == entry.at
    html = page(administrator, "access-review", world.organization.slug)
    assert "Last reviewed" in html
    assert "access has changed since" not in html


def test_a_review_of_an_outdated_list_is_refused(world: World, administrator: Client) -> None:
    digest = seen(page(administrator, "access-review", world.organization.slug))
    factories.member(Role.OWNER, world.home)
    answer = administrator.post(url(world, "access-reviewed"), {"seen": digest}, follow=True)
    assert "Access has changed since you opened the page" in answer.content.decode()
    with organization_scope(world.organization):
        assert last_review(world.organization) is None


def test_exports_contain_every_membership_and_no_formula(world: World, administrator: Client) -> None:
    bad = factories.person("bad@example.com", name='=HYPERLINK("https://x.example")')
    factories.member(Role.OWNER, world.home, bad)
    with organization_scope(world.organization):
        held = Membership.objects.filter(organization=world.organization)
        count = held.exclude(valid_until__lte=timezone.now()).count()
    content = administrator.get(url(world, "access-review-csv")).getvalue().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(content)))
    assert tuple(rows[0]) == HEADER
    assert len(rows) == count + 1
    assert "'=HYPERLINK" in content
    workbook = administrator.get(url(world, "access-review-xlsx")).getvalue()
    sheet = openpyxl.load_workbook(io.BytesIO(workbook)).active
    assert sheet.max_row == count + 1
    assert world.foreign.name not in content


@pytest.fixture
def opened(world: World, sign_in: SignIn) -> Client:
    """A signed-in client of the auditor, who has just opened the customer's page."""
    client = sign_in(world.people["auditor"])
    assert client.get(reverse("tenant", args=[world.home.slug])).status_code == 200
    return client


def test_ended_access_is_refused_in_an_open_session(world: World, opened: Client) -> None:
    with organization_scope(world.organization):
        revoke_membership(by=BY, membership=world.of(world.home)["membership"])
    assert opened.get(reverse("tenant", args=[world.home.slug])).status_code == 404


def test_a_new_right_applies_in_an_open_session(world: World, opened: Client) -> None:
    settings = reverse("policy", args=[world.home.slug])
    assert opened.get(settings).status_code == 403
    auditor = world.people["auditor"]
    given = factories.member(Role.TENANT_ADMINISTRATOR, world.home, auditor)
    assert opened.get(settings).status_code == 200
    with organization_scope(world.organization):
        row = Membership.objects.get(person=given, role=Role.TENANT_ADMINISTRATOR)
        revoke_membership(by=BY, membership=row)
    assert opened.get(settings).status_code == 403


def test_a_confirmation_applies_in_an_open_session(world: World, sign_in: SignIn) -> None:
    waiting = world.of(world.home)["waiting"]
    client = sign_in(waiting.person)
    address = reverse("tenant", args=[world.home.slug])
    assert client.get(address).status_code == 404
    second = world.people["organization_administrator"]
    with person_scope(second):
        decide_membership(by=second, membership=waiting, confirm=True)
    assert client.get(address).status_code == 200


def test_a_deactivated_account_is_refused_in_an_open_session(world: World, opened: Client) -> None:
    auditor = world.people["auditor"]
    auditor.is_active = False
    auditor.save()
    assert opened.get(reverse("tenant", args=[world.home.slug])).status_code == 302


@pytest.mark.parametrize(
    "name",
    [
        "access-review-csv",
        "access-review-xlsx",
        "configuration-export",
        "organization-journal-csv",
        "organization-journal-chain",
    ],
)
def test_the_journal_of_the_organization_names_who_downloaded_a_file(
    world: World, administrator: Client, sign_in: SignIn, name: str
) -> None:
    def downloads() -> list[OrganizationJournalEntry]:
        with organization_scope(world.organization):
            rows = OrganizationJournalEntry.objects.filter(action="file.downloaded")
            return list(rows.filter(organization=world.organization))

    assert administrator.head(url(world, name)).status_code == 200
    assert sign_in(world.people["owner"]).get(url(world, name)).status_code in {403, 404}
    assert downloads() == []
    answer = administrator.get(url(world, name), {"customer": world.home.slug, "q": "kim@example.com & co"})
    assert answer.status_code == 200
    (entry,) = downloads()
    assert entry.actor.startswith("organization_administrator@example.com")
    # An erasure of the customer finds the entry by this id. A pseudonymisation finds the email address in the
    # filters.
    assert entry.details["customer"] == str(world.home.pk)
    assert entry.details["filters"] == "q=kim@example.com & co"
    assert f'"{entry.details["file"]}"' in answer.headers["Content-Disposition"]
