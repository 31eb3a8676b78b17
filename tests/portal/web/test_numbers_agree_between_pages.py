"""Inbox, workload, campaigns, audit room, portfolio, digest mails and the API show the same number for the same fact,
also after a customer was archived.
"""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import Finding
from portal.notify.delivery import send_due
from portal.treatment.actions.figures.snapshots import take_snapshot
from portal.treatment.actions.owners.assign import assign
from portal.treatment.actions.owners.messages import MAX_LISTED
from portal.treatment.actions.owners.notices import notify_overdue
from portal.treatment.models import CampaignCustomer, FindingException
from portal.treatment.states import ShownState, shown_state
from tenants.actions.archiving import archive_tenant
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.portal.notify.conftest import mail_server
from tests.portal.notify.mail_server import MailServer, text_and_html
from tests.portal.notify.outbox import make_mail_due
from tests.portal.web.listed_numbers import in_api, listed, tokens
from tests.portal.web.page_numbers import number_in, words_of_page
from tests.portal.web.random_findings import CONTROLS, populate
from tests.portal.web.requests import page
from tests.portal.web.treatments import approved, ask
from tests.portal.web.world import SignIn, World, make_campaign, make_customer

__all__ = ["mail_server", "tokens"]
CONTROL = CONTROLS[0][0]
# The words that follow the number of open findings on pages.
_OPEN = r"open (?:and \d+ acknowledged )?findings"


@pytest.fixture
def second(world: World) -> Tenant:
    """Return a second customer. Like the world's customer, it has findings of every state.

    Approver, auditor and owner have their roles in both customers.
    """
    by = world.people["organization_engineer"]
    other, _ = make_customer(world.organization, "Sister Shipping", by)
    for role in (Role.APPROVER, Role.AUDITOR, Role.OWNER):
        factories.member(role, other, world.people[role.value])
    owners = [world.people["owner"], world.people["approver"]]
    for tenant, seed in ((world.home, 12), (other, 13)):
        with factories.in_tenant(tenant):
            populate(tenant, owners, timezone.now(), seed=seed)
            take_snapshot(tenant=tenant)
    ask(world)
    ask(world, findings=2)
    approved(world, findings=1)
    return other


def figure(html: str, show: str) -> int:
    """Return the figure of the portfolio that links to the filter `show`."""
    return number_in(rf'\?show={show}">.*?<span class="value[^"]*">(\d+)<', html)


def cells(html: str, row: str) -> list[int]:
    """Return the numbers in the table row with the id `row`."""
    line = html.split(f'id="{row}"')[1].split("</tr>", maxsplit=1)[0]
    return [int(words_of_page(cell)) for cell in re.findall(r'<td [^>]*class="num[^>]*>(.*?)</td>', line)]


@pytest.mark.slow(seconds=1)
def test_requests_that_wait_for_approval(world: World, second: Tenant, sign_in: SignIn) -> None:
    approver = sign_in(world.people["approver"])
    inbox = page(approver, "inbox")
    waiting = number_in(r"(\d+) exceptions? to decide", words_of_page(inbox))
    assert waiting >= 3
    assert waiting == number_in(r"To decide (\d+)", words_of_page(inbox))
    assert waiting == inbox.count('class="ask"') + inbox.count('class="ask ')
    home = page(approver, "portfolio")
    assert number_in(r'href="/inbox/".*?Inbox\s*<span class="count">\s*(\d+)', home) == waiting
    assert figure(home, "approve") == waiting
    per_customer = 0
    for tenant in (world.home, second):
        register = words_of_page(
            page(approver, "exceptions", tenant.slug, query="?state=requested&state=returned")
        )
        mine = number_in(r"(\d+) matching exception", register) if "Register" in register else 0
        overview = words_of_page(page(approver, "tenant", tenant.slug))
        assert number_in(r"(\d+) waiting for approval", overview) == mine
        assert number_in(r"Undecided exceptions (\d+)", overview) == mine
        assert in_api(approver, tenant.slug, "exceptions?state=requested&state=returned") == mine
        per_customer += mine
    assert per_customer == waiting
    # The home page of people who also own findings counts the same requests.
    to_decide = approver.get(reverse("my")).context["to_decide"]
    assert sum(count for _, count in to_decide) == waiting


@pytest.mark.slow(seconds=5)
def test_the_work_of_owners(world: World, second: Tenant, sign_in: SignIn) -> None:
    client = sign_in(world.people["organization_engineer"])
    everywhere, portfolio = page(client, "workload"), page(client, "portfolio")
    open_, acknowledged, late = (
        number_in(rf"(\d+) {word}", words_of_page(everywhere)) for word in (_OPEN, "acknowledged", "overdue")
    )
    lists = {
        tenant.slug: {
            query: listed(client, f"/t/{tenant.slug}/findings/?{query}")
            for query in ("state=open", "due=overdue", "state=open&severity=critical", "state=acknowledged")
        }
        for tenant in (world.home, second)
    }

    def total(query: str) -> int:
        return sum(numbers[query] for numbers in lists.values())

    assert (open_, late) == (total("state=open"), total("due=overdue"))
    assert acknowledged == total("state=acknowledged") > 0
    assert figure(portfolio, "critical") == total("state=open&severity=critical")
    assert figure(portfolio, "overdue") == total("due=overdue")
    all_open = words_of_page(page(client, "all-findings", query="?state=open"))
    assert number_in(r"(\d+) (?:open )?findings? in", all_open) == total("state=open")
    assert f"{total('state=open')} of them open" in words_of_page(page(client, "all-findings"))
    owners = (world.people["owner"].pk, world.people["approver"].pk)
    rows = [f"person-{pk}" for pk in owners] + ["person-nobody"]

    columns = zip(*(cells(everywhere, row)[1:] for row in rows), strict=True)
    queries = ("state=open", "state=open&severity=critical", "due=overdue", "state=acknowledged")
    assert [sum(column) for column in columns] == [total(query) for query in queries]
    for tenant in (world.home, second):
        html, mine = page(client, "tenant-workload", tenant.slug), lists[tenant.slug]
        overview = words_of_page(page(client, "tenant", tenant.slug))
        assert number_in(rf"(\d+) {_OPEN}", words_of_page(html)) == mine["state=open"]
        assert number_in(r"Open (\d+)", overview) == mine["state=open"]
        assert number_in(r"Overdue (\d+)", overview) == mine["due=overdue"]
        unassigned = listed(client, f"/t/{tenant.slug}/findings/?state=open&owner=nobody")
        assert cells(html, "person-nobody")[0] == unassigned
        assert number_in(r"Unassigned (\d+)", overview) == unassigned
        for url, shown in re.findall(r'href="([^"]*/findings/\?[^"]*)"[^>]*>(\d+)<', html):
            assert listed(client, unescape(url)) == int(shown), url


@pytest.mark.slow(seconds=1)
def test_campaigns(world: World, second: Tenant, sign_in: SignIn) -> None:
    client = sign_in(world.people["organization_engineer"])
    campaign = make_campaign(world.home, CONTROL, world.people["organization_engineer"])
    slug = world.organization.slug
    html = page(client, "campaign", slug, campaign.pk)
    now = listed(client, f"/t/{world.home.slug}/findings/?control={CONTROL}&state=open")
    assert now > 0
    assert number_in(r"(\d+) findings? (?:is|are) open", words_of_page(html)) == now
    assert number_in(rf"{re.escape(world.home.name)} .*? (\d+) Owner and date", words_of_page(html)) == now
    start = page(client, "campaign-start", slug, query=f"?control={CONTROL}")
    assert f"{unescape(world.home.name)} ({now} open)" in unescape(start)
    line = page(client, "all-findings", query=f"?state=open&q={CONTROL}&open={CONTROL}")
    of_home = line.split(f"/t/{world.home.slug}/findings/")[1].split("</a>")[0]
    assert number_in(r"<strong>(\d+)</strong>", of_home) == now
    control = page(client, "control", CONTROL)
    row = re.search(rf'<a class="row-link" href="/t/{world.home.slug}/.*?</tr>', control)
    assert row
    fail = listed(client, f"/t/{world.home.slug}/findings/?control={CONTROL}&verdict=fail")
    assert number_in(r'data-label="Fail" class="num">(\d+)<', row[0]) == fail


@pytest.mark.slow(seconds=1)
def test_the_audit_room(world: World, second: Tenant, sign_in: SignIn) -> None:
    client, slug = sign_in(world.people["auditor"]), world.home.slug
    html = page(client, "audit-room", slug)
    words = words_of_page(html)
    with factories.in_tenant(world.home):
        every = FindingException.objects.filter(tenant=world.home).count()
    assert number_in(r"(\d+) undecided or in force in this period", words) == every
    assert number_in(r"(\d+) exceptions? No\.", words_of_page(page(client, "exceptions", slug))) == every
    assert in_api(client, slug, "exceptions?") == every
    assessments = words_of_page(page(client, "assessments", slug))
    ended = number_in(r"–\d+ of (\d+)", assessments)
    assert (
        number_in(r"(\d+) in this period, \d+ change", words) == ended == in_api(client, slug, "assessments?")
    )
    journal = unescape(re.findall(r'href="([^"]*/journal/\?from=[^"]*)"', html)[0])
    in_journal = words_of_page(client.get(journal).content.decode())
    entries = number_in(r"(\d+) of \d+ match", in_journal)
    assert number_in(r"(\d+) entries in this period", words) == entries
    assert in_api(client, slug, f"journal?{journal.partition('?')[2]}") == entries
    bars = dict(re.findall(r'/frameworks/([^/"]+)/".*?aria-label="([^"]+)"', html))
    frameworks = page(client, "tenant-frameworks", slug)
    assert len(bars) > 3
    for key, label in bars.items():
        assert f'aria-label="{label}"' in frameworks, key


@pytest.mark.slow(seconds=2)
def test_the_numbers_in_digest_mails(
    world: World, second: Tenant, sign_in: SignIn, mail_server: MailServer
) -> None:
    owner, engineer = world.people["owner"], world.people["organization_engineer"]
    client, unassigned = sign_in(owner), {}
    for tenant in (world.home, second):
        query = f"/t/{tenant.slug}/findings/?state=open&owner=nobody"
        unassigned[tenant] = listed(sign_in(engineer), query)
        with factories.in_tenant(tenant):
            rows = Finding.objects.filter(tenant=tenant, treatment__owner=None)
            rows = rows.annotate(shown=shown_state(timezone.now())).filter(shown=ShownState.OPEN)
            assign(tenant=tenant, findings=rows, owner=owner, by=engineer)
            notify_overdue(tenant=tenant, now=timezone.now())
        make_mail_due(tenant)
        send_due(tenant_id=tenant.pk)
    all_late = 0
    for tenant, assigned in unassigned.items():
        mails = [
            mail
            for mail in mail_server.received
            if mail["To"] == owner.email and tenant.name in mail["Subject"]
        ]
        [digest] = [mail for mail in mails if "are overdue" in text_and_html(mail)[0]]
        plain, html = text_and_html(digest)
        late = listed(client, f"/t/{tenant.slug}/findings/?owner={owner.pk}&due=overdue")
        assert min(late, assigned) > MAX_LISTED
        for body in (plain, words_of_page(html)):
            assert number_in(r"(\d+) findings you own are overdue", body) == late
            assert number_in(r"(\d+) findings were assigned to you", body) == assigned
        part = plain.split("findings you own are overdue")[1].split("Open in Surety")[0]
        assert part.count("Due since") + number_in(r"and (\d+) more", part) == late
        assert number_in(r"(\d+) notifications", digest["Subject"]) == number_in(
            r"(\d+) notifications", plain
        )
        all_late += late
    sections = {part.key: part.count for part in client.get(reverse("my")).context["sections"]}
    assert sections["overdue"] == all_late


@pytest.mark.slow(seconds=1)
def test_an_archived_customer_is_counted_nowhere(world: World, second: Tenant, sign_in: SignIn) -> None:
    engineer, approver, owner = (
        sign_in(world.people[role]) for role in ("organization_engineer", "approver", "owner")
    )
    slug = world.organization.slug
    campaign = make_campaign(world.home, CONTROL, world.people["organization_engineer"])
    with organization_scope(world.organization):
        CampaignCustomer.objects.create(
            tenant=second,
            organization=world.organization,
            campaign=campaign,
            control=CONTROL,
            owner=world.people["organization_engineer"],
            due_on=timezone.now().date(),
            open_at_start=3,
        )
    with factories.in_tenant(second):
        archive_tenant(by=world.people["organization_administrator"], tenant=second, reason="Contract ended")
    home = f"/t/{world.home.slug}/findings/?"
    open_ = listed(engineer, f"{home}state=open")
    portfolio = page(engineer, "portfolio")
    assert figure(portfolio, "critical") == listed(engineer, f"{home}state=open&severity=critical")
    assert figure(portfolio, "overdue") == listed(engineer, f"{home}due=overdue")
    workload = words_of_page(page(engineer, "workload"))
    assert number_in(rf"(\d+) {_OPEN}", workload) == open_
    assert (
        number_in(
            r"(\d+) (?:open )?findings? in",
            words_of_page(page(engineer, "all-findings", query="?state=open")),
        )
        == open_
    )
    of_campaign = page(engineer, "campaign", slug, campaign.pk)
    in_control = listed(engineer, f"{home}control={CONTROL}&state=open")
    assert number_in(r"(\d+) findings? (?:is|are) open", words_of_page(of_campaign)) == in_control
    assert figure(page(approver, "portfolio"), "approve") == number_in(
        r"(\d+) exceptions? to decide", words_of_page(page(approver, "inbox"))
    )
    mine = owner.get(reverse("my")).context
    assert {customer.tenant for customer in mine["customers"]} == {world.home}
    assert sum(part.count for part in mine["sections"] if part.key == "overdue") == listed(
        owner, f"{home}due=overdue&owner={world.people['owner'].pk}"
    )
