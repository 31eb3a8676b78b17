"""The form that requests an exception: for one finding, for several, or by a rule with a preview; errors by field."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from assessments.models import Finding
from portal.notify.models import Notice
from portal.treatment.models import EvidenceFile, FindingException, TreatmentEvent
from portal.treatment.naming import control_problem
from portal.treatment.selectors.exceptions import SAMPLE_SIZE
from tenants.models import Membership, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.portal.web.treatments import day, failing, give
from tests.portal.web.world import SignIn, World


def address(world: World, query: str = "") -> str:
    return reverse("exception-request", args=[world.home.slug]) + query


def send(client: Client, world: World, **data: Any) -> HttpResponse:
    values = {"reason": "The old scanner needs it.", "ends_at": day(30), **data}
    return client.post(address(world), values)  # type: ignore[return-value]


def requested(world: World) -> list[FindingException]:
    """Return the exceptions that the test requested. Number 1 is in the test data and is left out."""
    with factories.in_tenant(world.home):
        return list(FindingException.objects.filter(number__gt=1).order_by("number"))


def findings_of(world: World, exception: FindingException) -> set[Any]:
    with factories.in_tenant(world.home):
        return set(exception.items.values_list("finding_id", flat=True))


def all_failing(world: World) -> list[Finding]:
    """Return all failing findings of the home tenant."""
    return [*failing(world), world.of(world.home)["owned"]]


def a_file(name: str = "mail.txt", content: bytes = b"Yes, until March.") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_an_exception_for_one_finding_is_requested_with_files(engineer: Client, world: World) -> None:
    finding = failing(world)[0]
    html = engineer.get(address(world, f"?finding={finding.pk}")).content.decode()
    assert f'name="finding" value="{finding.pk}"' in html
    assert "at most 180 days" in html
    answer = send(
        engineer,
        world,
        finding=finding.pk,
        compensating_control="The firewall lets one address in.",
        files=[a_file(), a_file("list.csv", b"a,b\n")],
    )
    (made,) = requested(world)
    assert answer.headers["Location"] == reverse("exception", args=[world.home.slug, made.pk])
    assert (made.scope, made.state, made.maximum) == ("finding", "requested", 1)
    assert (made.requested_by, made.compensating_control) == (
        world.people["organization_engineer"], "The firewall lets one address in.",
    )  # fmt: skip
    assert f"{made.ends_at:%Y-%m-%d %H:%M:%S}" == f"{day(30)} 23:59:59"
    assert findings_of(world, made) == {finding.pk}
    with factories.in_tenant(world.home):
        names = EvidenceFile.objects.filter(exception=made).values_list("name", flat=True)
        assert sorted(names) == ["list.csv", "mail.txt"]


@pytest.mark.slow(seconds=1)
def test_requesters_are_told_whether_anybody_can_decide(engineer: Client, world: World) -> None:
    """A customer can be without an approver, for example when it is new."""
    notified, nobody = "The approvers are notified.", "nobody who may decide has the role Approver for"
    send(engineer, world, finding=failing(world)[0].pk)
    (first,) = requested(world)
    page = reverse("exception", args=[world.home.slug, first.pk])
    html = engineer.get(page).content.decode()
    assert (notified in html, nobody in html) == (True, False)
    with organization_scope(world.organization):
        Membership.objects.filter(role=Role.APPROVER).update(valid_until=timezone.now())
    assert f"At present, {nobody} {escape(world.home.name)}" in engineer.get(page).content.decode()
    send(engineer, world, finding=failing(world)[1].pk)
    html = engineer.get(page).content.decode()
    assert (notified in html, f"but nobody was notified: {nobody}" in html) == (False, True)


def test_findings_that_do_not_fail_are_not_included(engineer: Client, world: World) -> None:
    chosen = failing(world)[:2]
    with factories.in_tenant(world.home):
        passing = Finding.objects.filter(outcome="pass").first()
    assert passing is not None
    ids = [*(row.pk for row in chosen), passing.pk]
    html = engineer.get(address(world, "?" + "&".join(f"finding={pk}" for pk in ids))).content.decode()
    assert "<strong>2</strong> failing findings. Not included: 1 selected finding that does not fail." in html
    send(engineer, world, finding=ids)
    (made,) = requested(world)
    assert (made.scope, findings_of(world, made)) == ("list", {row.pk for row in chosen})


def test_an_exception_is_requested_for_all_matching_findings(engineer: Client, world: World) -> None:
    wanted = {row.pk for row in all_failing(world) if row.control == "storage-secure-transfer"}
    query = "control=storage-secure-transfer&state=open"
    # The bulk action of the list sends a POST without a reason. This opens the form and requests nothing.
    html = engineer.post(address(world), {"q": query}).content.decode()
    assert f'name="q" value="{escape(query)}"' in html
    assert requested(world) == []
    send(engineer, world, q=query)
    (made,) = requested(world)
    assert findings_of(world, made) == wanted
    assert len(wanted) > 1


def test_no_exception_without_a_failing_finding(engineer: Client, world: World) -> None:
    html = engineer.get(address(world, f"?finding={world.of(world.home)['manual'].pk}")).content.decode()
    assert "No failing findings selected" in html
    assert '<form class="with-aside request"' not in html


@pytest.mark.parametrize("which", ["foreign", "malformed", "missing", "one of two"])
def test_an_invisible_finding_is_not_found(engineer: Client, world: World, which: str) -> None:
    theirs = world.of(world.foreign)["finding"].pk
    own = world.of(world.home)["finding"].pk
    ids = {
        "foreign": [theirs],
        "malformed": ["x"],
        "missing": ["0190d0a0-0000-7000-8000-000000000000"],
        "one of two": [own, theirs],
    }[which]
    query = "?" + "&".join(f"finding={pk}" for pk in ids)
    assert engineer.get(address(world, query)).status_code == 404
    assert send(engineer, world, finding=ids).status_code == 404
    assert requested(world) == []


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [
        ({"reason": ""}, "reason", "Enter why the failure must be accepted."),
        ({"reason": "Because."}, "reason", "Give a reason of at least 3 words."),
        ({"ends_at": ""}, "ends_at", "Choose the last day."),
        ({"ends_at": "soon"}, "ends_at", "Enter a valid date."),
        ({"ends_at": day(-1)}, "ends_at", "The end must be in the future and after the start"),
        ({"ends_at": day(181)}, "ends_at", f"Choose {day(179)} or an earlier day"),
        ({"starts_at": day(-1)}, "starts_at", "The start must not be in the past."),
        ({"starts_at": day(20), "ends_at": day(10)}, "ends_at", "The end must be in the future and after the start"),
        ({"files": [a_file("page.html", b"<script>")]}, "files", "Evidence files can be PDF"),
        ({"files": [a_file("empty.txt", b"")]}, "files", "empty"),
        ({"files": [a_file(f"{n}.txt") for n in range(11)]}, "files", "at most 10 files"),
    ],
    ids=[
        "no reason", "one word", "no end", "no date", "ended", "over the cap", "begins in the past",
        "ends before it begins", "a page", "empty file", "too many files",
    ],
)  # fmt: skip
def test_errors_appear_at_their_fields_and_typed_text_is_kept(
    engineer: Client, world: World, given: dict[str, Any], field: str, says: str
) -> None:
    finding = failing(world)[0]
    answer = send(engineer, world, **{"finding": finding.pk, "compensating_control": "An alert.", **given})
    html = answer.content.decode()
    assert answer.status_code == 400
    part = html.split(f'for="id_{field}"')[1].split('class="field')[0]
    assert says in part
    assert "An alert." in html
    assert f'name="finding" value="{finding.pk}"' in html
    assert requested(world) == []
    with factories.in_tenant(world.home):
        assert EvidenceFile.objects.count() == 1


def test_a_later_start_moves_the_latest_end(engineer: Client, world: World) -> None:
    assert (
        send(engineer, world, finding=failing(world)[0].pk, starts_at=day(20), ends_at=day(199)).status_code
        == 302
    )
    assert f"{requested(world)[0].starts_at:%Y-%m-%d %H:%M}" == f"{day(20)} 00:00"


# Rules


def test_the_preview_follows_the_typed_rule(engineer: Client, world: World) -> None:
    fails = [row for row in all_failing(world) if row.section == "storage"]
    answer = engineer.get(
        address(world, "?section=storage&resource_group=rg-*"), headers={"HX-Request": "true"}
    )
    html = answer.content.decode()
    assert "<html" not in html
    assert f"<strong>{len(fails)}</strong> failing findings would be covered" in html
    counts = Counter(row.control for row in fails)
    control, count = min(counts.items(), key=lambda one: (-one[1], one[0]))
    assert f'<span class="break">{escape(control_problem(control))}</span><strong>{count}</strong>' in html
    assert fails[0].subject_name in html
    # A resource can have several problems, so each finding of the sample names its problem.
    assert html.count('<span class="sub">') == min(len(fails), SAMPLE_SIZE) > 1
    none = engineer.get(address(world, "?resource_group=nowhere"), headers={"HX-Request": "true"})
    assert "No matching finding fails now" in none.content.decode()
    empty = engineer.get(address(world, "?resource_group="), headers={"HX-Request": "true"})
    assert "Set a condition" in empty.content.decode()
    wrong = engineer.get(address(world, "?tag_value=prod"), headers={"HX-Request": "true"})
    assert "Enter the tag" in wrong.content.decode()


def test_the_preview_works_without_a_script(engineer: Client, world: World) -> None:
    data = {"section": "storage", "reason": "Half a reas", "ends_at": "", "preview": "1"}
    answer = engineer.post(address(world), data)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "would be covered" in html
    assert "Half a reas" in html
    assert '<option value="storage" selected>' in html
    assert 'class="error"' not in html
    assert requested(world) == []


def test_an_exception_is_requested_by_a_rule(engineer: Client, world: World) -> None:
    wanted = {row.pk for row in all_failing(world) if row.section == "storage"}
    send(engineer, world, section="storage", tag_name="ENV", tag_value="prod", maximum=40)
    (made,) = requested(world)
    assert (made.scope, made.section, made.tag_name, made.maximum) == ("rule", "storage", "ENV", 40)
    assert findings_of(world, made) == wanted


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "Set at least one condition. A rule without conditions would match every finding."),
        ({"tag_value": "prod"}, "Enter the tag"),
        ({"control": "no-such-control"}, "Select a valid choice."),
        ({"section": "storage", "maximum": "1"}, "1"),
        ({"section": "storage", "maximum": "0"}, "Enter at least 1."),
        ({"resource_group": "nowhere"}, "Enter how many findings the exception may cover"),
    ],
    ids=["empty", "a tag’s value alone", "no control", "fewer than match", "none", "matches nothing"],
)
def test_problems_of_a_rule_are_explained(
    engineer: Client, world: World, given: dict[str, str], says: str
) -> None:
    answer = send(engineer, world, **given)
    assert answer.status_code == 400
    assert says in answer.content.decode()
    assert "The old scanner needs it." in answer.content.decode()
    assert requested(world) == []


def test_a_missing_condition_is_named_with_the_other_problems(engineer: Client, world: World) -> None:
    html = send(engineer, world, reason="").content.decode()
    assert "Set at least one condition." in html
    assert "Enter why the failure must be accepted." in html


# Requests of owners, approvers and auditors


def test_an_owner_requests_for_their_findings_but_not_by_rule(world: World, sign_in: SignIn) -> None:
    owner = sign_in(world.people["owner"])
    first, second = failing(world)[:2]
    give(world, first, world.people["owner"])
    assert "No findings selected" in owner.get(address(world, "?section=storage")).content.decode()
    preview = owner.get(address(world, "?section=storage"), headers={"HX-Request": "true"}).content.decode()
    assert second.subject_name not in preview.replace(first.subject_name, "")
    send(owner, world, section="storage", maximum=40)
    assert requested(world) == []
    assert send(owner, world, finding=[first.pk, second.pk]).status_code == 404
    answer = send(owner, world, finding=first.pk)
    (made,) = requested(world)
    assert made.requested_by == world.people["owner"]
    assert owner.get(answer.headers["Location"]).status_code == 200
    # An empty filter selects all findings that the person can see. An owner can see only their own findings.
    send(owner, world, q="")
    assert findings_of(world, requested(world)[1]) == {first.pk, world.of(world.home)["owned"].pk}


@pytest.mark.parametrize("role", ["approver", "auditor"])
def test_readers_cannot_request(world: World, sign_in: SignIn, role: str) -> None:
    client = sign_in(world.people[role])
    assert client.get(address(world)).status_code == 403
    assert send(client, world, finding=failing(world)[0].pk).status_code == 403
    assert requested(world) == []


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles"])
def test_the_chosen_day_is_the_day_that_is_shown(engineer: Client, world: World, zone: str) -> None:
    """The timeline and the notice show the day that was chosen in the form, whatever the tenant's time zone is."""
    finding = failing(world)[0]
    with factories.in_tenant(world.home):
        Tenant.objects.filter(pk=world.home.pk).update(timezone=zone)
    send(engineer, world, finding=finding.pk)
    (exception,) = requested(world)
    with factories.in_tenant(world.home):
        line = TreatmentEvent.objects.get(exception=exception)
        notice = Notice.objects.filter(kind="exception_requested").latest("created_at")
    assert line.after.endswith(f"(until {day(30)})")
    assert f"until {day(30)}." in notice.body
