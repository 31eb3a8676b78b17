"""The number of database queries of each page does not grow with the number of rows; for pages in GOLDEN it is fixed.

Every request needs thirteen queries: for the session, the person, the scope and savepoints, the organizations with
their sign-in policies, and the number of unread notifications. Pages of a customer need one more for the numbers in the
sidebar.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection, reset_queries, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.models import Finding
from portal.accounts import sessions
from portal.retention.actions.runs import carry_out, request_run
from tenants.models import Person, Tenant
from tenants.roles import Role
from tests import factories
from tests.portal.web.navigation_pages import own_pages
from tests.portal.web.opened_pages import opened_pages
from tests.portal.web.world import World, account, assess, give, make_customer, make_erasure, make_world

pytestmark = pytest.mark.slow(seconds=40)

GOLDEN = {
    "portfolio": 29,
    "all-findings": 26,
    "all-findings-owner-age": 28,
    "all-findings-subscription-age": 28,
    "all-findings-subscription-due": 28,
    "all-findings-tag-due": 26,
    "all-findings-due-age": 27,
    "all-findings-tag-age": 27,
    "all-resources": 18,
    "resource-changes": 22,
    "resource-change": 20,
    "watch-rules": 16,
    "planned-changes": 19,
    "campaign": 20,
    "campaign-start": 20,
    "tenant": 53,
    "changes": 22,
    "exposure": 17,
    "inventory": 22,
    "resource": 29,
    "resource-compare": 18,
    "findings": 35,
    "findings-all-counts": 40,
    "findings-facets": 22,
    "findings-filtered": 41,
    "findings-list": 34,
    "findings-opened": 38,
    "findings-group": 17,
    "findings-tags": 14,
    "my": 18,
    "finding": 35,
    "exceptions": 24,
    "exception": 28,
    "exception-request": 21,
    "exception-request-rule": 23,
    "attestations": 20,
    "attest": 21,
    "assessments": 18,
    "assessment": 19,
    "controls": 17,
    "control": 17,
    "frameworks": 13,
    "framework": 16,
    "tenant-frameworks": 19,
    "tenant-framework": 19,
    "reports": 25,
    "report": 19,
    "report-schedules": 17,
    "journal": 31,
    "journal-filtered": 28,
    "journal-entry": 17,
    "tenant-settings": 26,
    "policy": 19,
    "palette": 21,
    "inbox": 13,
    "workload": 24,
    "tenant-workload": 25,
    "audit-room": 39,
    "notices": 16,
    "preferences": 15,
    "channels": 18,
    "channel": 18,
    "dead-letters": 18,
    "leaving": 18,
    "retention": 21,
    "organization-retention": 20,
    "erasures": 18,
    "erasure": 17,
    "person-leaving": 32,
}

# Pairs of filters with which the page of all customers' findings is opened.
PAIRS = (
    ("owner", "age"),
    ("subscription", "age"),
    ("subscription", "due"),
    ("tag", "due"),
    ("due", "age"),
    ("tag", "age"),
)


def variants(world: World) -> dict[str, str]:
    """Return the addresses of parts of pages, and of pages with a filter or a selection."""
    slug, own = world.home.slug, world.of(world.home)
    values = {
        "owner": str(world.people["owner"].pk),
        "subscription": f"/subscriptions/{own['subscription'].subscription_id}",
        "tag": "env=prod",
        "due": "overdue",
        "age": "7",
    }
    return {
        **{
            f"all-findings-{'-'.join(names)}": f"{reverse('all-findings')}?"
            + urlencode({name: values[name] for name in names})
            for names in PAIRS
        },
        "resource-changes": reverse("resource-changes", args=[slug]) + "?state=waiting",
        "resource-changes-search": reverse("resource-changes", args=[slug]) + "?days=all&q=storage+account",
        "resource-changes-actor": reverse("resource-changes", args=[slug]) + "?actor=anna@contoso.com",
        "findings-all-counts": reverse("findings", args=[slug]) + "?facets=all",
        "findings-facets": reverse("findings-facets", args=[slug])
        + "?state=open&of=due&of=age&of=owner&of=subscription&of=state",
        "findings-filtered": reverse("findings", args=[slug]) + "?state=open&q=secure-transfer&page=1",
        "findings-list": reverse("findings", args=[slug]) + "?state=open&layout=list&sort=due",
        "findings-opened": reverse("findings", args=[slug]) + "?open=storage-secure-transfer&tags=1",
        "findings-group": reverse("findings-group", args=[slug, "storage-secure-transfer"]) + "?state=open",
        "findings-tags": reverse("findings-tags", args=[slug]),
        "exception-request": reverse("exception-request", args=[slug]) + f"?finding={own['finding'].pk}",
        "exception-request-rule": reverse("exception-request", args=[slug]) + "?section=storage",
        "journal-filtered": reverse("journal", args=[slug])
        + f"?kind=findings&kind=exceptions&q=example&of=finding:{own['finding'].pk}",
        "palette": reverse("palette") + "?q=storage",
        "campaign-start": reverse("campaign-start", args=[world.organization.slug])
        + "?control=storage-anonymous-access-disallowed&state=open&age=7",
    }


def counts(client: Client, pages: dict[str, str]) -> dict[str, int]:
    found = {}
    for name, url in pages.items():
        reset_queries()  # Django keeps only the last 9,000 queries.
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200, name
        found[name] = len(queries)
    return found


def run_retention(tenant: Tenant) -> None:
    """Run the retention twice: first only count what would be deleted, then delete it."""
    for dry_run in (True, False):
        with factories.in_tenant(tenant):
            run = request_run(tenant=tenant, by=factories.BY, dry_run=dry_run, send=False)
        carry_out(tenant_id=tenant.pk, run_id=run.pk)


def test_number_of_queries_is_fixed_and_does_not_grow(
    db: None, sign_in: Callable[[Person], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Once a minute, a request stores when the session was last used. On a slow machine, this would add queries.
    monkeypatch.setattr(sessions, "SEEN_EVERY", timedelta(days=1))
    world = make_world(accounts=2)
    engineer = world.people["organization_engineer"]
    client = sign_in(engineer)
    client.get("/")  # The first request of a session also stores its IP address and browser.
    administrator = world.people["organization_administrator"]
    administrators = sign_in(administrator)
    administrators.get("/")
    run_retention(world.home)
    with transaction.atomic():
        pages = opened_pages(world, Role.ORGANIZATION_ENGINEER) | variants(world)
        more = opened_pages(world, Role.ORGANIZATION_ADMINISTRATOR)
        # Undo the journal entries of downloads, because they would fill the first page of the journal.
        transaction.set_rollback(True)
    entries = {page.url_name for page in own_pages()}
    assert entries <= pages.keys() | more.keys(), "every entry of the navigation is a page"
    assert not pages.keys() & {"home", "findings-csv", "findings-groups", "report-download"}
    of_administrators = {name: url for name, url in more.items() if name not in pages}
    few = counts(client, pages) | counts(administrators, of_administrators)
    own = world.of(world.home)
    for number in range(3):
        make_erasure(world.organization, administrator)
        run_retention(world.home)
        make_customer(world.organization, f"Customer {number}", engineer, accounts=2)
        factories.subscription(own["principal"], f"Subscription {number}")
        guid = own["subscription"].subscription_id
        many = [account(guid, f"more{n}", safe=(n + number) % 2 == 0) for n in range(40)]
        assess(world.home, own["subscription"], many, by=engineer)
    with factories.in_tenant(world.home):
        # The storage accounts of the assigned findings no longer exist, so assign other findings.
        for finding in Finding.objects.filter(tenant=world.home, outcome="fail", gone_at=None)[:3]:
            give(world.home, finding, world.people["owner"], by=engineer)
    many_rows = counts(client, pages) | counts(administrators, of_administrators)
    changed = {name: (few[name], many_rows[name]) for name in few if few[name] != many_rows[name]}
    # The resource is deleted by now, so its page also looks for who deleted it.
    assert changed == {"resource": (few["resource"], few["resource"] + 3)}
    assert {name: few[name] for name in GOLDEN} == GOLDEN
