"""The page of a finding: the actions that it offers to each role, and their effects."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from assessments.models import Finding
from assessments.presentation.finding_fixes import directory_of
from portal.treatment.actions.comments import add_comment
from portal.treatment.models import Batch, Comment, Treatment, TreatmentEvent
from portal.treatment.selectors import timeline as selector
from portal.web.shared.azure_portal import portal_address
from tenants.models import JournalEntry
from tenants.scope import tenant_scope
from tests import factories
from tests.portal.web.treatments import approved, ask, failing
from tests.portal.web.world import SignIn, World, give

# {HTML of a button, link or section: roles to which the page of an unassigned failing finding shows it}
OFFERED = {
    'class="btn primary">Acknowledge</button>': {
        "organization_engineer",
        "organization_administrator",
        "tenant_administrator",
    },
    "Assign to me": {"organization_engineer", "organization_administrator", "tenant_administrator"},
    'class="btn primary">Assign</button>': {
        "organization_engineer",
        "organization_administrator",
        "tenant_administrator",
    },
    'id="comment-form"': {"organization_engineer", "organization_administrator", "tenant_administrator"},
    "Comments and timeline": {
        "organization_engineer",
        "organization_administrator",
        "tenant_administrator",
        "approver",
        "auditor",
    },
}


def url(world: World, name: str, which: str = "finding") -> str:
    return reverse(name, args=[world.home.slug, world.of(world.home)[which].pk])


def held(world: World, which: str = "finding") -> Treatment:
    with factories.in_tenant(world.home):
        return Treatment.objects.select_related("owner").get(finding=world.of(world.home)[which])


@pytest.mark.slow(seconds=1)
def test_actions_are_offered_to_roles_that_may_use_them(world: World, sign_in: SignIn) -> None:
    roles = [role for role in world.people if role != "owner"]
    pages = {role: sign_in(world.people[role]).get(url(world, "finding")).content.decode() for role in roles}
    found = {words: {role for role in roles if words in pages[role]} for words in OFFERED}
    assert found == OFFERED


def test_an_owner_sees_and_treats_only_their_findings(world: World, owner: Client) -> None:
    html = owner.get(url(world, "finding", "owned")).content.decode()
    assert "Acknowledge" in html
    assert "Request exception" in html
    assert ">Assign</button>" not in html
    assert "Assign to me" not in html
    assert owner.get(url(world, "finding")).status_code == 404
    for name in ("finding-claim", "finding-acknowledge", "finding-take-back", "finding-comment"):
        assert owner.post(url(world, name), {"body": "x"}).status_code == 404
    assert owner.post(url(world, "finding-acknowledge", "owned")).status_code == 302
    assert held(world, "owned").acknowledged_by == world.people["owner"]


def test_no_request_is_offered_for_passing_or_pending_findings(world: World, engineer: Client) -> None:
    """The first page is that of a finding for which the test data contain a pending request."""
    html = engineer.get(url(world, "finding")).content.decode()
    assert "Request exception" not in html
    assert "Exception 1" in html
    with factories.in_tenant(world.home):
        passing = Finding.objects.filter(tenant=world.home, outcome="pass").first()
    assert passing is not None
    html = engineer.get(reverse("finding", args=[world.home.slug, passing.pk])).content.decode()
    assert "Request exception" not in html
    assert "Acknowledge" not in html


@pytest.mark.slow(seconds=1)
def test_a_new_exception_is_offered_before_the_present_one_ends(world: World, engineer: Client) -> None:
    """Notices about the coming end ask people to request a new exception."""
    ending, covered = (reverse("finding", args=[world.home.slug, row.pk]) for row in failing(world)[-2:])
    approved(world, days=60)
    approved(world, findings=2, days=14)
    words = "Request new exception"
    assert words in engineer.get(ending).content.decode()
    assert words not in engineer.get(covered).content.decode(), "another exception covers it for longer"
    ask(world, findings=2)
    assert words not in engineer.get(ending).content.decode(), "one is requested already"


def test_an_answer_to_an_earlier_value_no_longer_counts(world: World, engineer: Client) -> None:
    words = "so the answer no longer counts"
    assert words not in engineer.get(url(world, "finding", "manual")).content.decode()
    with factories.in_tenant(world.home):
        Treatment.objects.filter(finding=world.of(world.home)["manual"]).update(attested_sha256="f" * 64)
    html = engineer.get(url(world, "finding", "manual")).content.decode()
    assert words in html
    assert "New answer needed" in html


def test_a_manual_finding_offers_an_answer(world: World, engineer: Client, sign_in: SignIn) -> None:
    html = engineer.get(url(world, "finding", "manual")).content.decode()
    assert reverse("attest", args=[world.home.slug, world.of(world.home)["manual"].pk]) in html
    assert "Looked at the policy in the portal." in html
    html = sign_in(world.people["auditor"]).get(url(world, "finding", "manual")).content.decode()
    assert "Answer again" not in html


@pytest.mark.slow(seconds=1)
def test_due_and_overdue_findings_are_labelled_in_words(world: World, engineer: Client) -> None:
    assert "Due in " in engineer.get(url(world, "finding")).content.decode()
    with factories.in_tenant(world.home):
        finding = world.of(world.home)["finding"]
        allowed = world.home.due_days[finding.severity]
        # The number of days is not rounded up, so that it equals the number in lists and reports.
        since = timezone.now() - timedelta(days=allowed + 81, hours=20)
        Finding.objects.filter(pk=finding.pk).update(failing_since=since)
    assert "Overdue by 81 days" in engineer.get(url(world, "finding")).content.decode()


@pytest.mark.slow(seconds=1)
def test_an_assignment_can_be_undone(world: World, engineer: Client) -> None:
    owner = world.people["owner"]
    answer = engineer.post(url(world, "finding-assign"), {"owner": str(owner.pk)}, follow=True)
    assert held(world).owner == owner
    html = answer.content.decode()
    with factories.in_tenant(world.home):
        batch = Batch.objects.latest("at")
    undo = reverse("batch-undo", args=[world.home.slug, batch.pk])
    assert f'action="{undo}"' in html
    page = url(world, "finding")
    answer = engineer.post(undo, {"next": page})
    assert answer.headers["Location"] == page
    assert held(world).owner is None
    html = engineer.post(undo, {"next": "https://elsewhere.example/"}, follow=True).content.decode()
    assert "This change was already undone." in html
    assert engineer.post(undo, {"next": "//elsewhere.example/"}).headers["Location"] == reverse(
        "findings", args=[world.home.slug]
    )


def test_people_undo_only_their_own_actions(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.people["tenant_administrator"])
    assert client.post(url(world, "batch-undo", "batch")).status_code == 403
    assert held(world, "owned").owner == world.people["owner"]


@pytest.mark.parametrize("given", ["", "no-id", "0193f0c0-0000-7000-8000-000000000001"])
def test_only_members_can_become_owners(world: World, engineer: Client, given: str) -> None:
    answer = engineer.post(url(world, "finding-assign", "owned"), {"owner": given})
    if given == "":
        assert answer.status_code == 302
        assert held(world, "owned").owner is None
    else:
        assert answer.status_code == 400
        assert held(world, "owned").owner == world.people["owner"]
        assert '<details class="act" open>' in answer.content.decode()


def test_claiming_an_owned_finding_names_the_owner(world: World, engineer: Client) -> None:
    html = engineer.post(url(world, "finding-claim", "owned"), follow=True).content.decode()
    assert "Owner owns this finding" in html
    engineer.post(url(world, "finding-claim"))
    assert held(world).owner == world.people["organization_engineer"]


@pytest.mark.slow(seconds=1)
def test_a_mail_s_link_changes_nothing_and_its_button_acknowledges(world: World, owner: Client) -> None:
    page = url(world, "finding-acknowledge", "owned")
    for _ in range(2):
        html = owner.get(page).content.decode()
        assert "Acknowledge</button>" in html
        assert owner.head(page).status_code == 200
    assert held(world, "owned").acknowledged_at is None
    with factories.in_tenant(world.home):
        assert not JournalEntry.objects.filter(action="finding.acknowledged").exists()
    answer = owner.post(page, {"plan": "Close it", "planned_for": "2099-01-31"}, follow=True)
    assert "Acknowledged." in answer.content.decode()
    assert "Close it" in answer.content.decode()
    assert held(world, "owned").plan == "Close it"
    html = owner.get(page).content.decode()
    assert "Already acknowledged" in html
    assert "This finding was already acknowledged." in owner.post(page, follow=True).content.decode()


def test_the_form_of_a_plan_removes_what_is_emptied(world: World, owner: Client) -> None:
    owner.post(url(world, "finding-acknowledge", "owned"), {"plan": "Close it", "planned_for": "2099-01-31"})
    page = owner.get(url(world, "finding", "owned")).content.decode()
    assert 'name="change"' in page
    past = {"plan": "", "planned_for": "2020-01-01", "change": "1"}
    refused = owner.post(url(world, "finding-acknowledge", "owned"), past)
    assert (refused.status_code, 'name="change"' in refused.content.decode()) == (400, True)
    assert re.search(r"<button[^>]*>\s*Save plan\s*</button>", refused.content.decode())
    answer = owner.post(url(world, "finding-acknowledge", "owned"), {"change": "1"}, follow=True)
    assert "Plan saved." in answer.content.decode()
    treatment = held(world, "owned")
    assert (treatment.plan, treatment.planned_for) == ("", None)
    assert treatment.acknowledged_at is not None


def test_a_mail_s_link_asks_to_sign_in_and_leads_back(world: World, client: Client) -> None:
    page = url(world, "finding-acknowledge", "owned")
    assert client.get(page).headers["Location"] == f"/accounts/login/?next={page}"
    assert client.post(page).headers["Location"].startswith("/accounts/login/")
    assert held(world, "owned").acknowledged_at is None


def test_another_site_cannot_acknowledge(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.people["owner"], backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.post(url(world, "finding-acknowledge", "owned")).status_code == 403
    assert held(world, "owned").acknowledged_at is None


@pytest.mark.parametrize(
    ("given", "says"),
    [({"planned_for": "2020-01-01"}, "The planned day has passed"), ({"planned_for": "soon"}, "valid date")],
)
def test_a_bad_plan_is_shown_with_what_was_typed(
    world: World, owner: Client, given: dict[str, str], says: str
) -> None:
    answer = owner.post(url(world, "finding-acknowledge", "owned"), {"plan": "My plan", **given})
    assert answer.status_code == 400
    html = answer.content.decode()
    assert says in html
    assert "My plan" in html
    assert held(world, "owned").acknowledged_at is None


def test_an_acknowledgement_can_be_undone(world: World, owner: Client) -> None:
    page = url(world, "finding-take-back", "owned")
    assert "is not acknowledged" in owner.post(page, follow=True).content.decode()
    owner.post(url(world, "finding-acknowledge", "owned"))
    assert "Acknowledgement undone" in owner.post(page, follow=True).content.decode()
    assert held(world, "owned").acknowledged_at is None


@pytest.mark.slow(seconds=1)
def test_comments_can_be_added_edited_and_deleted(world: World, owner: Client, engineer: Client) -> None:
    page = url(world, "finding-comment", "owned")
    mail = world.people["auditor"].email
    answer = owner.post(page, {"body": f"<b>Ask</b> @{mail}"})
    with factories.in_tenant(world.home):
        comment = Comment.objects.latest("at")
    assert answer.headers["Location"] == f"{url(world, 'finding', 'owned')}#comment-{comment.pk}"
    html = owner.get(url(world, "finding", "owned")).content.decode()
    assert "&lt;b&gt;Ask&lt;/b&gt;" in html
    edit = reverse("comment-edit", args=[world.home.slug, comment.pk])
    assert edit in html
    assert edit not in engineer.get(url(world, "finding", "owned")).content.decode()
    assert engineer.post(edit, {"body": "x"}).status_code == 403
    owner.post(edit, {"body": "Changed my mind"})
    html = owner.get(url(world, "finding", "owned")).content.decode()
    assert "Changed my mind" in html
    assert "edited" in html
    delete = reverse("comment-delete", args=[world.home.slug, comment.pk])
    assert "Changed my mind" in owner.get(delete).content.decode()
    owner.post(delete)
    html = owner.get(url(world, "finding", "owned")).content.decode()
    assert "Changed my mind" not in html
    assert "This comment was deleted." in html
    assert owner.get(edit).status_code == 404


@pytest.mark.parametrize("body", ["", "  ", "@nobody@example.org", "x" * 10_001])
def test_a_comment_that_is_refused_keeps_what_was_typed(world: World, owner: Client, body: str) -> None:
    answer = owner.post(url(world, "finding-comment", "owned"), {"body": body})
    assert answer.status_code == 400
    assert body.strip()[:50] in answer.content.decode()
    with factories.in_tenant(world.home):
        assert Comment.objects.filter(finding=world.of(world.home)["owned"]).count() == 0


@pytest.mark.slow(seconds=1)
def test_the_timeline_is_paged(world: World, engineer: Client) -> None:
    finding, who = world.of(world.home)["owned"], world.people["organization_engineer"]
    with factories.in_tenant(world.home):
        for number in range(selector.PER_PAGE):
            add_comment(finding=finding, by=who, body=f"Line {number}.")
    html = engineer.get(url(world, "finding", "owned")).content.decode()
    assert html.count('<div class="prose-lines comment">') == selector.PER_PAGE
    assert "First assessed" not in html
    older = html.split('href="?before=')[1].split('"')[0].split("#")[0]
    html = engineer.get(f"{url(world, 'finding', 'owned')}?before={older}").content.decode()
    assert "First assessed" in html
    assert "Line 1." not in html
    assert engineer.get(f"{url(world, 'finding', 'owned')}?before=rubbish").status_code == 200


def test_the_timeline_shows_old_and_new(world: World, engineer: Client) -> None:
    with factories.in_tenant(world.home):
        give(
            world.home,
            world.of(world.home)["owned"],
            world.people["organization_engineer"],
            by=world.people["organization_engineer"],
        )
    html = engineer.get(url(world, "finding", "owned")).content.decode()
    assert "<del>Owner</del>" in html
    assert "<ins>Mira Okafor</ins>" in html
    assert "by Mira Okafor &lt;engineer@example.com&gt;" in html


def test_the_timeline_shows_the_reason_of_an_exception_request(world: World, engineer: Client) -> None:
    reason = world.of(world.home)["exception"].reason
    with factories.in_tenant(world.home):
        events = TreatmentEvent.objects.filter(exception=world.of(world.home)["exception"])
        finding = events.filter(kind=TreatmentEvent.Kind.EXCEPTION_REQUESTED).values_list(
            "finding", flat=True
        )
        pk = finding[0]
    html = engineer.get(reverse("finding", args=[world.home.slug, pk])).content.decode()
    timeline = html[html.index("Comments and timeline") :]
    assert escape(reason) in timeline
    # Each mention of the exception in the timeline states when the exception ends.
    assert timeline.count("Exception 1") == timeline.count("Exception 1 (until")


def test_the_link_to_the_azure_portal_encodes_names(world: World) -> None:
    """A name from Azure cannot make the link lead to another place."""
    with tenant_scope(world.home.pk):
        finding = Finding.objects.filter(tenant=world.home, subject__startswith="/subscriptions/").first()
        directory = directory_of(world.home, finding.subject)
        plain = portal_address(directory, finding.subject)
        finding.subject += '/a"#@evil.example/x?y&<b> %(1)'
        hostile = portal_address(directory, finding.subject)
    assert plain.startswith("https://portal.azure.com/#@")
    assert hostile == plain + "/a%22%23%40evil.example/x%3Fy%26%3Cb%3E%20%25(1)"


@pytest.mark.parametrize(
    ("cloud", "host"),
    [
        ("AzureUSGovernment", "portal.azure.us"),
        ("AzureUSGovernmentDoD", "portal.azure.us"),
        ("AzureChinaCloud", "portal.azure.cn"),
    ],
)
def test_the_link_to_the_azure_portal_follows_the_cloud(world: World, cloud: str, host: str) -> None:
    with tenant_scope(world.home.pk):
        finding = Finding.objects.filter(tenant=world.home, subject__startswith="/subscriptions/").first()
        directory = directory_of(world.home, finding.subject)
        assert directory is not None
        directory.cloud_name = cloud
        address = portal_address(directory, finding.subject)
    assert address.startswith(f"https://{host}/#@{directory.directory_id}/resource/subscriptions/")


def test_the_sentence_of_a_finding_that_is_no_longer_known_says_so_once(
    engineer: Client, world: World
) -> None:
    finding = world.of(world.home)["finding"]
    with factories.in_tenant(world.home):
        Finding.objects.filter(pk=finding.pk).update(
            outcome="unknown",
            state="unknown",
            unknown_because="unauthenticated",
            reason="Could not be checked again: the service principal could not sign in",
        )
    html = engineer.get(reverse("finding", args=[world.home.slug, finding.pk])).content.decode()
    text = " ".join(re.sub(r"<[^>]+>", " ", html).split())
    assert f"Could not check {finding.subject_name} again: the service principal could not sign in" in text
    assert "Could not be checked again" not in text.split("Comments and timeline")[0]
    earlier = "The observed values are from the last check that had a result."
    assert earlier in text
    with factories.in_tenant(world.home):
        Finding.objects.filter(pk=finding.pk).update(unknown_because="undecided", reason="It is not decided")
    assert (
        earlier not in engineer.get(reverse("finding", args=[world.home.slug, finding.pk])).content.decode()
    )
