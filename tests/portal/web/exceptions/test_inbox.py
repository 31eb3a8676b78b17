"""The approver's inbox over all customers."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from assessments.models import Finding
from portal.notify.models import Notice
from portal.treatment.actions.exceptions import request_exception
from portal.treatment.actions.exceptions.return_for_review import return_for_review
from portal.treatment.models import ExceptionComment, FindingException
from portal.treatment.naming import control_problem
from tenants.models import Person, Tenant
from tenants.roles import Role
from tests import factories
from tests.portal.web.requests import page
from tests.portal.web.world import SignIn, World, make_customer


def request_for(tenant: Tenant, by: Person, severity: str, reason: str) -> FindingException:
    """Give this severity to a failing finding that is in no exception, and request an exception for it."""
    with factories.in_tenant(tenant):
        covered = FindingException.objects.values("items__finding")
        finding = Finding.objects.filter(outcome="fail").exclude(pk__in=covered.filter(items__isnull=False))[
            0
        ]
        Finding.objects.filter(pk=finding.pk).update(
            severity=severity, severity_rank=list(Finding.Severity.values).index(severity)
        )
        return request_exception(
            tenant=tenant,
            by=by,
            scope=FindingException.Scope.FINDING,
            reason=reason,
            findings=Finding.objects.filter(pk=finding.pk),
            ends_at=timezone.now() + timedelta(days=30),
            files=[ContentFile(b"signed", name="agreement.txt")],
            compensating_control="Two named accounts only.",
        )


def titles(html: str) -> list[str]:
    return re.findall(r'<span class="ask-title">(.*?)</span>', html)


def customers(html: str) -> list[str]:
    return re.findall(r'<span class="ask-note truncate">(.*?) ·', html)


@pytest.mark.slow(seconds=1)
def test_inbox_lists_all_customers_of_the_approver_and_no_other(world: World, sign_in: SignIn) -> None:
    by = world.people["organization_engineer"]
    sister, _ = make_customer(world.organization, "Sister Shipping", by)
    approver = world.people["approver"]
    factories.member(Role.APPROVER, sister, approver)
    request_for(world.home, by, "critical", "The partner cannot change its address.")
    html = page(sign_in(approver), "inbox")
    assert "3 exceptions to decide in 2 customers" in html
    # The critical request comes first. The other requests have equal severity, so the longest waiting one follows.
    assert customers(html) == ["Alder &amp; Finch Clinics", "Alder &amp; Finch Clinics", "Sister Shipping"]
    assert "Foreign Freight" not in html
    assert customers(page(sign_in(approver), "inbox", query=f"?customer={sister.slug}")) == [
        "Sister Shipping"
    ]
    assert "<h1>Inbox</h1>" in page(sign_in(approver), "inbox", query="?severity=critical")
    assert len(titles(page(sign_in(approver), "inbox", query="?severity=critical"))) == 1
    foreign = world.of(world.foreign)["exception"]
    page(sign_in(approver), "inbox-request", foreign.pk, status=404)


@pytest.mark.slow(seconds=1)
def test_inbox_is_the_home_of_approvers_only(world: World, sign_in: SignIn) -> None:
    for role, target in (
        ("approver", reverse("inbox")),
        ("auditor", reverse("audit-room", args=[world.home.slug])),
        ("owner", reverse("my")),
        ("organization_engineer", reverse("portfolio")),
    ):
        answer = sign_in(world.people[role]).get(reverse("home"))
        assert answer.headers["Location"] == target, role
        html = page(sign_in(world.people[role]), "inbox")
        assert bool(titles(html)) is (role == "approver"), role
    rail = page(sign_in(world.people["approver"]), "portfolio")
    assert re.search(r'href="/inbox/".*?Inbox\s*<span class="count">\s*1', rail)


@pytest.mark.slow(seconds=1)
def test_returned_exceptions_come_first_and_say_what_changed(world: World, approver: Client) -> None:
    own = world.of(world.home)["exception"]
    by = world.people["organization_engineer"]
    request_for(world.home, by, "critical", "The partner cannot change its address.")
    with factories.in_tenant(world.home):
        own = FindingException.objects.get(pk=own.pk)
    answer = approver.post(
        reverse("inbox-approve", args=[own.pk]), seen_form(approver, own) | {"note": "Fine."}
    )
    assert answer.headers["Location"] == reverse("inbox")
    with factories.in_tenant(world.home):
        own.refresh_from_db()
        item = own.items.select_related("finding").get()
        Finding.objects.filter(pk=item.finding_id).update(
            observed={"allowBlobPublicAccess": True, "containers": 4}, observed_sha256="f" * 64
        )
        return_for_review(own, FindingException.Because.CHANGED, [item.finding_id], now=timezone.now())
    html = page(approver, "inbox")
    assert html.index("Changed since approval") < html.index("New requests")
    first = reverse("inbox-request", args=[own.pk])
    link = rf'2 exceptions to decide in 1 customer\. Start with ?<a href="{first}">'
    headline = rf"{link}[^<]+</a> of .+: \w+, returned after the approval\."
    assert re.search(headline, html)
    detail = page(approver, "inbox-request", own.pk)
    assert "What changed since the approval" in detail
    assert re.search(
        r"access: the finding changed after [^<]+ approved the request on \d{4}-\d\d-\d\d<", detail
    )
    assert "Approve new value" in detail


def seen_form(client: Client, found: FindingException) -> dict[str, str]:
    html = page(client, "inbox-request", found.pk)
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', html)
    assert seen is not None
    return {"seen": seen[1]}


@pytest.mark.slow(seconds=1)
def test_approving_a_critical_finding_needs_a_note(world: World, approver: Client) -> None:
    by = world.people["organization_engineer"]
    found = request_for(world.home, by, "critical", "The partner cannot change its address.")
    assert "required for critical findings" in page(approver, "inbox-request", found.pk)
    form = seen_form(approver, found)
    for name in ("inbox-approve", "exception-approve"):
        where = [found.pk] if name == "inbox-approve" else [world.home.slug, found.pk]
        answer = approver.post(reverse(name, args=where), form)
        assert answer.status_code == 400
        assert "Enter why these critical findings are acceptable" in answer.content.decode()
        assert " autofocus" in answer.content.decode()
    with factories.in_tenant(world.home):
        assert FindingException.objects.get(pk=found.pk).state == "requested"
    note = form | {"note": "Two accounts, both with MFA."}
    answer = approver.post(reverse("inbox-approve", args=[found.pk]), note, follow=True)
    assert f"{found} of {escape(world.home.name)} approved." in answer.content.decode()
    with factories.in_tenant(world.home):
        assert FindingException.objects.get(pk=found.pk).state == "active"


@pytest.mark.slow(seconds=1)
def test_a_decision_returns_to_the_filtered_list(world: World, approver: Client) -> None:
    by = world.people["organization_engineer"]
    query = f"?customer={world.home.slug}"
    found = request_for(world.home, by, "low", "The partner cannot change its address.")
    for name, note in (("inbox-refuse", ""), ("inbox-approve", "Fine.")):
        url = reverse(name, args=[found.pk]) + query
        assert f'action="{url}"' in page(approver, "inbox-request", found.pk, query=query)
        answer = approver.post(url, seen_form(approver, found) | {"note": note})
        if not note:
            assert answer.status_code == 400
            assert f'action="{url}"' in answer.content.decode()
        else:
            assert answer.headers["Location"] == reverse("inbox") + query


def test_enter_in_a_field_of_the_decision_does_not_refuse(world: World, approver: Client) -> None:
    html = page(approver, "inbox-request", world.of(world.home)["exception"].pk)
    decision = html[html.index('<form class="decide"') :]
    first = re.search(r"<button[^>]*>", decision)
    assert first is not None
    # Enter in a field presses the first button. The button that refuses has a `formaction`, so it must not be first.
    assert "formaction" not in first[0]


def test_refusing_in_the_inbox_needs_a_reason(world: World, approver: Client) -> None:
    own = world.of(world.home)["exception"]
    url = reverse("inbox-refuse", args=[own.pk])
    answer = approver.post(url, {"note": ""})
    assert answer.status_code == 400
    assert "Enter a reason that the requester can understand" in answer.content.decode()
    assert approver.post(url, {"note": "Use a private endpoint instead."}).headers["Location"] == "/inbox/"
    with factories.in_tenant(world.home):
        assert FindingException.objects.get(pk=own.pk).state == "refused"
    assert "Use a private endpoint instead." in page(approver, "inbox-request", own.pk, query="?show=decided")


@pytest.mark.slow(seconds=1)
def test_comments_reach_the_other_side_and_can_be_deleted(
    world: World, approver: Client, sign_in: SignIn
) -> None:
    own, slug = world.of(world.home)["exception"], world.home.slug
    add = reverse("exception-comment", args=[slug, own.pk])
    answer = approver.post(add, {"body": "Which partner?", "next": reverse("inbox-request", args=[own.pk])})
    assert answer.headers["Location"] == reverse("inbox-request", args=[own.pk])
    assert "Which partner?" in page(approver, "inbox-request", own.pk)
    asker = world.people["organization_engineer"]
    sign_in(asker).post(add, {"body": "Contoso Logistics."})
    assert "Contoso Logistics." in page(sign_in(asker), "exception", slug, own.pk)
    with factories.in_tenant(world.home):
        told = Notice.objects.filter(kind="exception_commented").values_list("person", flat=True)
        assert set(told) == {asker.pk, world.people["approver"].pk}
        comment = ExceptionComment.objects.get(author=world.people["approver"])
    delete = reverse("exception-comment-delete", args=[slug, comment.pk])
    assert sign_in(asker).post(delete, follow=True).status_code == 200
    assert "Which partner?" in page(approver, "exception", slug, own.pk)
    approver.post(delete)
    assert "Which partner?" not in page(approver, "exception", slug, own.pk)
    assert "This comment was deleted." in page(approver, "exception", slug, own.pk)
    # An auditor may read the comments but not write any. An address of another site in `next` is ignored.
    assert sign_in(world.people["auditor"]).post(add, {"body": "Hello."}).status_code == 403
    away = approver.post(add, {"body": "One more.", "next": "https://evil.example/"})
    assert away.headers["Location"] == reverse("exception", args=[slug, own.pk])


@pytest.mark.slow(seconds=1)
def test_queries_of_the_inbox_do_not_grow_with_customers(world: World, sign_in: SignIn) -> None:
    by, approver = world.people["organization_engineer"], world.people["approver"]
    client = sign_in(approver)

    def count() -> int:
        page(client, "inbox")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page(client, "inbox")
        return len(queries)

    few = count()
    for name in ("Sister Shipping", "Brother Brewing"):
        place, _ = make_customer(world.organization, name, by)
        factories.member(Role.APPROVER, place, approver)
    assert len(titles(page(client, "inbox"))) == 3
    assert count() == few <= 40


def test_a_request_of_several_controls_is_named_by_its_worst_finding(world: World, approver: Client) -> None:
    by = world.people["organization_engineer"]
    with factories.in_tenant(world.home):
        covered = FindingException.objects.filter(items__isnull=False).values("items__finding")
        found = Finding.objects.filter(outcome="fail").exclude(pk__in=covered)
        worst, other = found.order_by("control")[0], found.order_by("-control")[0]
        assert worst.control != other.control
        for finding, severity in ((worst, "critical"), (other, "low")):
            Finding.objects.filter(pk=finding.pk).update(
                severity=severity, severity_rank=list(Finding.Severity.values).index(severity)
            )
        request_exception(
            tenant=world.home,
            by=by,
            scope=FindingException.Scope.LIST,
            reason="The partner cannot change its address.",
            findings=Finding.objects.filter(pk__in=[worst.pk, other.pk]),
            ends_at=timezone.now() + timedelta(days=30),
            compensating_control="Two named accounts only.",
        )
    html = page(approver, "inbox")
    title = f"{control_problem(worst.control)} and 1 other finding"
    assert titles(html)[0] == title
    assert re.search(rf"Start with ?<a [^>]+>{title}</a> of .+: critical, requested by ", html)
    assert "Findings of several controls" not in html
