"""Pages of attestations: the list, answering, withdrawing and exporting, for every role."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.display.observed import label
from assessments.models import ControlSetting, Finding
from portal.treatment.actions.attestations.attest import attest
from portal.treatment.models import Attestation, EvidenceFile, Treatment, TreatmentEvent
from tenants.models import Tenant
from tests import factories
from tests.portal.web.treatments import change, day, give
from tests.portal.web.world import SignIn, World

ANSWERING = ["organization_administrator", "organization_engineer", "tenant_administrator"]


def listed(client: Client, world: World, query: str = "") -> str:
    answer = client.get(reverse("attestations", args=[world.home.slug]) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def rows(html: str) -> list[str]:
    """Return the state of each answer, such as `valid` or `lapsed`, in the order of the table's rows."""
    return [part.split('"')[0] for part in html.split("<tbody")[1].split('data-answer="')[1:]]


def form(world: World, finding: Finding) -> str:
    return reverse("attest", args=[world.home.slug, finding.pk])


def send(client: Client, world: World, finding: Finding, **data: Any) -> HttpResponse:
    with factories.in_tenant(world.home):
        seen = Finding.objects.get(pk=finding.pk).observed_sha256
    values = {
        "met": "yes", "statement": "Looked at all of them.", "valid_until": day(100), "seen": seen, **data,
    }  # fmt: skip
    return client.post(form(world, finding), values)  # type: ignore[return-value]


def manual(world: World) -> list[Finding]:
    """Return the home tenant's unanswered manual findings in a fixed order."""
    with factories.in_tenant(world.home):
        rows = Finding.objects.filter(outcome="manual", attestations__isnull=True)
        return list(rows.order_by("control", "subject_name"))


def answer(world: World, finding: Finding, *, days: int = 90, ago: int = 0, met: bool = True) -> Attestation:
    now = timezone.now() - timedelta(days=ago)
    with factories.in_tenant(world.home):
        return attest(
            finding=finding, by=world.people["owner"], met=met, statement="Looked at it.",
            valid_until=now + timedelta(days=days), now=now,
        )  # fmt: skip


def given(world: World, finding: Finding) -> list[Attestation]:
    with factories.in_tenant(world.home):
        return list(Attestation.objects.filter(finding=finding).select_related("attested_by"))


def test_due_controls_come_first(engineer: Client, world: World) -> None:
    never, lapsed, ending, *_ = manual(world)
    answer(world, lapsed, days=5, ago=9)
    answer(world, ending, days=20)
    html = listed(engineer, world)
    shown = rows(html)
    assert [shown[0], shown[-1]] == ["lapsed", "valid"]
    assert shown == sorted(shown, key=["lapsed", "never", "not_met", "ending", "changed", "valid"].index)
    numbers = f"{len(shown) - 1} of {len(shown)}, 1 of them because the current answer ends soon."
    assert f"Controls that need an answer: {numbers}" in " ".join(html.split())
    assert rows(listed(engineer, world, "?answer=lapsed&answer=ending")) == ["lapsed", "ending"]
    unanswered = listed(engineer, world, "?answer=never")
    assert form(world, never) in unanswered
    assert (">None<" in unanswered, ">Not answered<" in unanswered) == (False, True)


def test_a_changed_value_is_shown_but_not_due(engineer: Client, world: World) -> None:
    finding = world.of(world.home)["manual"]
    due = listed(engineer, world).split(" an answer.")[0][-40:]
    change(world, finding, sasPolicy="Log")
    assert listed(engineer, world).split(" an answer.")[0][-40:] == due
    assert rows(listed(engineer, world, "?answer=changed")) == ["changed"]
    html = engineer.get(form(world, finding)).content.decode()
    assert "The automatic checks found a change since the last answer." in html


@pytest.mark.parametrize("query", ["?answer=x", "?q=%00", "?page=99", "?owner=x", "?answer=valid&q=sas"])
def test_malformed_addresses_are_answered(engineer: Client, world: World, query: str) -> None:
    assert "<tbody" in listed(engineer, world, query)


def test_search_and_own_controls(world: World, sign_in: SignIn, engineer: Client) -> None:
    finding = world.of(world.home)["manual"]
    assert "No matching controls" in listed(engineer, world, "?q=nowhere-at-all")
    assert "No matching controls" in listed(engineer, world, "?owner=me")
    give(world, finding, world.people["organization_engineer"])
    assert rows(listed(engineer, world, "?owner=me")) == ["valid"]


def test_an_empty_list_says_when_controls_appear(engineer: Client, world: World) -> None:
    bare = factories.tenant(world.organization, "Bare Customer")
    html = engineer.get(reverse("attestations", args=[bare.slug])).content.decode()
    assert "after the first assessment" in html


def test_the_form_shows_the_question_and_the_observed_values(engineer: Client, world: World) -> None:
    with factories.in_tenant(world.home):
        finding = Finding.objects.get(control="operations-vulnerability-scans")
    html = engineer.get(form(world, finding)).content.decode()
    assert "Attest a vulnerability scan that is at most 90 days old" in html
    assert "A vulnerability scan of each machine in the last 90 days, imported or attested" in html
    assert "weaknesses that you do not look for are found by attackers" in html.lower()
    assert all(label(key) in html for key in finding.observed)
    assert all(remark.split(":")[0] in html for remark in finding.remarks)
    assert finding.remarks
    assert "No answers yet." in html


@pytest.mark.parametrize("role", ANSWERING)
def test_answers_are_saved(world: World, sign_in: SignIn, role: str) -> None:
    finding = manual(world)[0]
    client = sign_in(world.people[role])
    file = SimpleUploadedFile("scan.csv", b"host,open\n")
    reply = send(client, world, finding, met="no", files=[file])
    assert reply.headers["Location"] == form(world, finding)
    (made,) = given(world, finding)
    assert (made.met, made.attested_by, made.statement) == (
        False,
        world.people[role],
        "Looked at all of them.",
    )
    assert f"{made.valid_until:%Y-%m-%d %H:%M:%S}" == f"{day(100)} 23:59:59"
    html = client.get(form(world, finding)).content.decode()
    assert "Current" in html
    assert "scan.csv" in html
    with factories.in_tenant(world.home):
        kept = EvidenceFile.objects.get(attestation=made)
        assert Treatment.objects.get(finding=finding).attested_met is False
    download = client.get(reverse("evidence-file", args=[world.home.slug, kept.pk]))
    assert b"".join(download.streaming_content) == b"host,open\n"  # type: ignore[attr-defined]


def test_a_second_answer_replaces_the_first_and_keeps_it(engineer: Client, world: World) -> None:
    finding = world.of(world.home)["manual"]
    send(engineer, world, finding, statement="Looked at it again.")
    html = engineer.get(form(world, finding)).content.decode()
    assert html.index("Looked at it again.") < html.index("Looked at the policy in the portal.")
    assert (html.count("Current"), html.count("Replaced")) == (1, 1)


@pytest.mark.parametrize(
    ("data", "field", "says"),
    [
        ({"met": ""}, "met", "Choose whether the control is met."),
        ({"met": "perhaps"}, "met", "Select a valid choice."),
        ({"statement": " "}, "statement", "Enter what you checked"),
        ({"valid_until": ""}, "valid_until", "Choose the last day on which the answer is valid."),
        ({"valid_until": day(-1)}, "valid_until", "The last day must not be in the past."),
        ({"valid_until": day(367)}, "valid_until", f"Choose {day(365)} or an earlier day"),
        ({"files": [SimpleUploadedFile("a.exe", b"MZ")]}, "files", "Evidence files can be PDF"),
    ],
    ids=["nothing", "perhaps", "no statement", "no end", "ended", "too far", "a program"],
)
def test_errors_appear_at_their_fields(
    engineer: Client, world: World, data: dict[str, Any], field: str, says: str
) -> None:
    finding = manual(world)[0]
    reply = send(engineer, world, finding, **data)
    html = reply.content.decode()
    assert reply.status_code == 400
    error = html.split(f'id="id_{field}_error"')[1].split("</div>")[0]
    assert says in error
    assert field == "statement" or "Looked at all of them." in html
    assert given(world, finding) == []


def test_automatically_checked_controls_take_no_answer(engineer: Client, world: World) -> None:
    finding = world.of(world.home)["finding"]
    html = engineer.get(form(world, finding)).content.decode()
    assert "this control is now checked automatically" in html
    assert "Save answer" not in html
    reply = send(engineer, world, finding)
    assert reply.status_code == 400
    assert "Only manual findings can be attested" in reply.content.decode()
    assert given(world, finding) == []


@pytest.mark.parametrize("role", ["approver", "auditor"])
def test_readers_cannot_answer(world: World, sign_in: SignIn, role: str) -> None:
    finding = world.of(world.home)["manual"]
    client = sign_in(world.people[role])
    html = client.get(form(world, finding)).content.decode()
    assert "Looked at the policy in the portal." in html
    assert "With your role, you can read answers but not give them." in html
    assert "Withdraw" not in html
    assert send(client, world, finding).status_code == 403
    assert len(given(world, finding)) == 1


def test_an_owner_answers_only_their_controls(world: World, sign_in: SignIn) -> None:
    finding, other = manual(world)[:2]
    owner = sign_in(world.people["owner"])
    assert "You own no manual controls." in listed(owner, world)
    assert send(owner, world, finding).status_code == 404
    give(world, finding, world.people["owner"])
    assert send(owner, world, finding).status_code == 302
    assert send(owner, world, other).status_code == 404
    assert rows(listed(owner, world)) == ["valid"]
    assert [len(given(world, row)) for row in (finding, other)] == [1, 0]


def test_a_withdrawn_answer_no_longer_counts(engineer: Client, world: World) -> None:
    finding, kept = world.of(world.home)["manual"], world.of(world.home)["attestation"]
    url = reverse("attestation-withdraw", args=[world.home.slug, kept.pk])
    html = engineer.post(url, {"note": "Wrong account."}, follow=True).content.decode()
    assert "Answer withdrawn." in html
    assert "Withdrawn by Mira Okafor" in html
    with factories.in_tenant(world.home):
        assert Treatment.objects.get(finding=finding).attestation is None
    again = engineer.post(url, follow=True).content.decode()
    assert "This attestation was already withdrawn." in again


def test_an_owner_cannot_withdraw_another_s_answer(world: World, sign_in: SignIn) -> None:
    kept = world.of(world.home)["attestation"]
    owner = sign_in(world.people["owner"])
    url = reverse("attestation-withdraw", args=[world.home.slug, kept.pk])
    assert owner.post(url).status_code == 404
    assert given(world, world.of(world.home)["manual"])[0].withdrawn_at is None


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles"])
def test_the_chosen_day_is_the_day_that_is_shown(engineer: Client, world: World, zone: str) -> None:
    finding = manual(world)[0]
    with factories.in_tenant(world.home):
        Tenant.objects.filter(pk=world.home.pk).update(timezone=zone)
    send(engineer, world, finding)
    with factories.in_tenant(world.home):
        line = TreatmentEvent.objects.get(finding=finding, kind=TreatmentEvent.Kind.ATTESTED)
    assert line.after == f"Met, valid until {day(100)}"


def test_changes_since_the_page_was_shown_prevent_an_answer(engineer: Client, world: World) -> None:
    """The observed value changes while the form is open: the page shows the new value and keeps the typed text."""
    finding = manual(world)[0]
    html = engineer.get(form(world, finding)).content.decode()
    (seen,) = re.findall(r'name="seen" value="(\w{64})"', html)
    assert seen == finding.observed_sha256
    change(world, finding, guests=["somebody.new@example.com"])
    answer = send(engineer, world, finding, seen=seen, statement="All of them are needed.")
    assert answer.status_code == 400
    html = answer.content.decode()
    assert "have changed since you opened the page" in html
    assert "somebody.new@example.com" in html
    assert "All of them are needed." in html
    assert given(world, finding) == []
    (now_seen,) = re.findall(r'name="seen" value="(\w{64})"', html)
    assert send(engineer, world, finding, seen=now_seen).status_code == 302
    (kept,) = given(world, finding)
    assert kept.observed_sha256 == now_seen != seen


def test_an_answer_without_the_seen_value_is_refused(engineer: Client, world: World) -> None:
    finding = manual(world)[0]
    assert send(engineer, world, finding, seen="").status_code == 400
    assert given(world, finding) == []


def exported(client: Client, world: World, query: str = "") -> list[dict[str, str]]:
    answer = client.get(reverse("attestations-export", args=[world.home.slug]) + query)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="attestations-alder')
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.slow(seconds=1)
def test_the_export_follows_the_filters(
    engineer: Client, world: World, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    first = manual(world)[0]
    send(engineer, world, first, statement="=1+1 was looked at", met="no",
         files=[SimpleUploadedFile("scan.txt", b"x")])  # fmt: skip
    with django_assert_max_num_queries(24):
        every = exported(engineer, world)
    assert len(every) == len(manual(world)) + 2
    (line,) = exported(engineer, world, "?answer=not_met")
    assert (line["finding"], line["standing"], line["answer"]) == (str(first.pk), "Not met", "not met")
    assert (line["statement"], line["automatic checks unchanged since the answer"]) == (
        "'=1+1 was looked at",
        "yes",
    )
    assert line["answered by"] == "Mira Okafor <engineer@example.com>"
    assert line["files (SHA-256)"] == f"scan.txt: {hashlib.sha256(b'x').hexdigest()}"
    unanswered = exported(engineer, world, "?answer=never")
    assert {(row["answer"], row["answered by"]) for row in unanswered} == {("", "")}
    assert len(unanswered) == len(every) - 2
    # An owner's export contains only findings that the owner owns.
    assert exported(sign_in(world.people["owner"]), world) == []
    give(world, first, world.people["owner"])
    assert [row["finding"] for row in exported(sign_in(world.people["owner"]), world)] == [str(first.pk)]


def test_the_form_does_not_offer_to_replace_an_expired_answer(engineer: Client, world: World) -> None:
    finding = manual(world)[0]
    said = "Your answer replaces the current one."
    assert said not in engineer.get(form(world, finding)).content.decode()
    with factories.in_tenant(world.home):
        attest(
            finding=finding,
            by=world.people["organization_engineer"],
            met=True,
            statement="Looked at.",
            valid_until=timezone.now() + timedelta(days=10),
        )
    assert said in engineer.get(form(world, finding)).content.decode()
    with factories.in_tenant(world.home):
        now = timezone.now()
        Attestation.objects.filter(finding=finding).update(
            attested_at=now - timedelta(days=2), valid_until=now - timedelta(minutes=1)
        )
    assert said not in engineer.get(form(world, finding)).content.decode()


def test_the_question_names_values_instead_of_parameters(engineer: Client, world: World) -> None:
    with factories.in_tenant(world.home):
        finding = Finding.objects.filter(control="storage-sas-expiry", outcome="manual").first()
        assert finding is not None
        ControlSetting.objects.create(tenant=world.home, control=finding.control, values={"max_hours": 5})
    html = engineer.get(form(world, finding)).content.decode()
    assert "allows more than 5 hours" in html
    assert "max_hours" not in html
    assert "fails; if the parameter “Accept a policy that only logs” (off) is on, it passes" in html
