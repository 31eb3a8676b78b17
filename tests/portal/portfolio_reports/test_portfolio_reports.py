"""The portfolio report: its figures, files, access, immutability, revocation, retention and builds."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path
from uuid import UUID

import jsonschema
import pikepdf
import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from assessments.models import Assessment
from portal.distribution.models import PortfolioLink
from portal.portfolio_reports import actions
from portal.portfolio_reports.actions import (
    build_portfolio,
    build_requested,
    cancel_portfolio,
    read_file,
    request_portfolio,
)
from portal.portfolio_reports.attachments import SCHEMA_FILE, attach
from portal.portfolio_reports.facts import CustomerFact, PortfolioFacts
from portal.portfolio_reports.gather import portfolio_facts
from portal.portfolio_reports.models import PortfolioReport
from portal.portfolio_reports.render import headline, render, render_html
from portal.portfolio_reports.retention import delete_old
from portal.portfolio_reports.revocation import portfolio_anywhere, revoke_portfolio
from portal.reports.branding.actions import Look, save_branding
from portal.reports.branding.logos import read_logo
from portal.reports.branding.selectors import logo_of
from portal.reports.errors import CannotRevoke
from portal.reports.keys.signing_identity import SigningIdentity, ensure_signing_identity
from portal.reports.offline.bundle import PATH
from portal.reports.records.installation_trust import installation_trust
from portal.reports.records.register import find_by_hash, standing
from portal.reports.signing.archive import renewed
from portal.reports.signing.sign import sign
from portal.reports.verification.verify import verify_pdf
from portal.retention.actions.holds import place_hold
from portal.web.portfolio.choices import Choices
from portal.web.portfolio.reading import complete, read_rows
from tenants import access
from tenants.actions import change_tenant
from tenants.errors import Conflict, InvalidInput
from tenants.models import OrganizationJournalEntry, Tenant
from tenants.roles import Capability
from tenants.scope import organization_scope, person_scope
from tests import factories, verapdf
from tests.portal.portfolio_reports.conftest import Portfolio
from tests.portal.reports.archive_files import SETTINGS, configure
from tests.portal.reports.branding.pictures import GOOD_SVG
from tests.portal.reports.conftest import attached, text_of
from tests.portal.reports.pki import Pki
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.django_db
State = PortfolioReport.State


def test_the_numbers_are_those_of_the_portfolio_page(portfolio: Portfolio, tmp_path: Path) -> None:
    stated = json.loads(attached(portfolio.data, "results.json"))
    with person_scope(portfolio.world.people["organization_engineer"]):
        rows = read_rows(list(access.tenants(needs=Capability.VIEW)))
        complete(rows)
        rows = Choices("", (), (), "urgent", is_reversed=False).apply(rows)
    by_name = {row.tenant.name: row for row in rows}
    assert [fact["name"] for fact in stated["customers"]] == [row.tenant.name for row in rows]
    assert len(rows) == 4
    for fact in stated["customers"]:
        row = by_name[fact["name"]]
        assert fact["score"] == (row.score if row.is_known else row.last_score)
        if fact["difference"] is None:
            assert row.difference is None or not row.is_known
        else:
            assert abs(fact["difference"] - row.difference) < 1
        if row.is_known:
            assert fact["coverage"] == row.coverage
            assert (fact["open"]["critical"], fact["open"]["high"]) == (row.critical, row.high)
            assert fact["overdue"] == row.overdue
        else:
            # The failures are not known, so the report must not state the number 0.
            assert {fact[key] for key in ("coverage", "open", "overdue", "overdue_soon")} == {None}
        assert fact["unknown"] == row.unknown
        assert fact["exceptions_pending"] == row.exceptions.pending
        assert fact["exceptions_ending"] == row.exceptions.ending
        assert fact["urgent"] == (row.urgent.text if row.urgent.text != "Nothing urgent" else "")
    not_judged = {fact["name"]: fact["not_judged"] for fact in stated["customers"] if fact["not_judged"]}
    assert not_judged == {portfolio.customers["stale"].name: 1}
    assert "1 control was not judged, because" in " ".join(text_of(portfolio.data, tmp_path).split())
    assert stated["totals"]["open"]["critical"] == sum(row.critical for row in rows)
    assert stated["totals"]["overdue"] == sum(row.overdue for row in rows)
    assert stated["totals"]["exceptions_ending"] == len(stated["exceptions"])
    home = by_name[portfolio.world.home.name]
    assert home.high > 0
    assert home.score is not None


def test_says_which_customers_could_not_be_read(portfolio: Portfolio, tmp_path: Path) -> None:
    facts = {fact["name"]: fact for fact in json.loads(attached(portfolio.data, "results.json"))["customers"]}
    assert facts["Never & Sons"]["state"] == "never"
    assert facts["Stale Traders"]["state"] == "not_read"
    assert facts["Refused Rail"]["state"] == "not_read"
    text = text_of(portfolio.data, tmp_path)
    assert "Never assessed" in text
    assert "Registered, but never assessed" in text
    rows = csv.DictReader(io.StringIO(attached(portfolio.data, "customers.csv").decode("utf-8-sig")))
    (refused,) = (row for row in rows if row["customer"] == "Refused Rail")
    assert {refused[key] for key in ("coverage", "open_critical", "open_high", "overdue")} == {""}
    assert facts["Refused Rail"]["reason"] in text


def test_a_lower_score_is_a_number_in_the_table(portfolio: Portfolio) -> None:
    """If the difference were text, its minus sign would look like a formula. Then Surety would put an apostrophe in
    front of it.
    """
    with organization_scope(portfolio.world.organization):
        facts = portfolio_facts(portfolio.report, ensure_signing_identity())
    lower = replace(facts.customers[0], score=97.96, difference=-2.04, coverage=100.0)
    _, files = attach(replace(facts, customers=(lower,)))
    (table,) = (file for file in files if file.name == "customers.csv")
    (row,) = csv.DictReader(io.StringIO(table.content.decode("utf-8-sig")))
    assert (row["score"], row["difference"], row["coverage"]) == ("98.0", "-2.0", "100.0")


def test_nothing_known_is_not_printed_as_zero(portfolio: Portfolio) -> None:
    """Without any customer that could be read, 0 open or overdue findings would look like a pass."""
    with organization_scope(portfolio.world.organization):
        facts = portfolio_facts(portfolio.report, ensure_signing_identity())
    rows = [replace(row, state="never", open=None, overdue=None, score=None) for row in facts.customers]
    empty = dict.fromkeys(facts.totals.open, 0)
    totals = replace(
        facts.totals, read=0, partly=0, stale=0, not_read=0, never=len(rows), customers=len(rows), open=empty,
        overdue=0, overdue_soon=0, unknown=0, mean_score=None,
    )  # fmt: skip
    nothing = replace(facts, customers=tuple(rows), totals=totals)
    text = strip_tags(render_html(nothing, []))
    assert "No result: no customer could be read" in text
    assert "No findings are overdue" not in text
    # The report says “not known” for the failures of each severity. On the cover, it also says so for the mean score,
    # the critical failures and the overdue findings.
    assert text.count("not known") >= len(empty) + 3
    assert text.count("not known") > strip_tags(render_html(facts, [])).count("not known") + len(empty)
    some = replace(totals, read=1, never=len(rows) - 1)
    assert headline(replace(nothing, totals=replace(some, unknown=2))) == (
        "No failure is open, but 2 verdicts are unknown"
    )
    assert "never assessed" in headline(replace(nothing, totals=some))
    refused = replace(some, never=0, not_read=1)
    assert headline(replace(nothing, totals=refused)) == (
        "No failure is open, but 1 customer could not be read or was never assessed"
    )
    assert headline(replace(nothing, totals=replace(some, never=0))) == "No failure is open"


def test_a_customer_that_was_not_read_for_a_week_is_stale(portfolio: Portfolio) -> None:
    report, signing = portfolio.report, ensure_signing_identity()
    with organization_scope(portfolio.world.organization):
        now = {fact.name: fact for fact in portfolio_facts(report, signing).customers}
    with time_machine.travel(timezone.now() + timedelta(days=8)), organization_scope(report.organization):
        later = {fact.name: fact for fact in portfolio_facts(report, signing).customers}
    name = portfolio.world.home.name
    # The customer of the test data has gaps, so it was not read completely.
    assert (now[name].state, now[name].unknown) == ("partly", later[name].unknown)
    assert "could not be read" in now[name].reason
    assert (later[name].state, later[name].reason) == ("stale", "Last read 8 days ago")


@pytest.mark.parametrize("trigger", [Assessment.Trigger.WATCH, Assessment.Trigger.WATCH_FULL])
def test_the_watch_does_not_make_a_customer_read_in_part(
    portfolio: Portfolio, trigger: Assessment.Trigger
) -> None:
    """An assessment of the watch reads only changed resources, or one subscription. So the report still states what the
    last scheduled assessment could not read.
    """
    home, report, signing = portfolio.world.home, portfolio.report, ensure_signing_identity()

    def fact() -> CustomerFact:
        with organization_scope(portfolio.world.organization):
            return next(
                fact for fact in portfolio_facts(report, signing).customers if fact.id == str(home.pk)
            )

    before = fact()
    with factories.in_tenant(home):
        Assessment.objects.create(
            tenant=home, number=99, trigger=trigger, state=Assessment.State.FINISHED,
            started_at=timezone.now(), ended_at=timezone.now(), only=["/subscriptions/x"],
            summary={"units": {"done": 1}, "score": 50.0},
        )  # fmt: skip
    after = fact()
    assert "could not be read" in before.reason
    assert (after.state, after.reason, after.assessment, after.read_at) == (
        before.state,
        before.reason,
        before.assessment,
        before.read_at,
    )


def test_attachments_follow_the_schema_and_their_hashes(portfolio: Portfolio) -> None:
    schema = json.loads(attached(portfolio.data, "results.schema.json"))
    stated = json.loads(attached(portfolio.data, "results.json"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(stated)
    assert schema == json.loads(SCHEMA_FILE.read_text())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate({**stated, "totals": {}})
    rows = attached(portfolio.data, "customers.csv").decode("utf-8-sig").splitlines()
    assert len(rows) == 5
    assert rows[0].startswith("customer,id,labels,state")


@pytest.mark.slow(seconds=1)
def test_every_verifier_agrees(portfolio: Portfolio, tmp_path: Path) -> None:
    result = verify_pdf(portfolio.data, installation_trust())
    assert (result.valid, result.problems, result.recorded) == (True, [], True)
    path = tmp_path / "report.pdf"
    path.write_bytes(portfolio.data)
    fingerprint = ensure_signing_identity().fingerprint
    done = subprocess.run(
        [sys.executable, str(PATH), "--fingerprint", fingerprint, str(path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "results.json" in done.stdout
    assert "customers.csv" in done.stdout
    signature = subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=True)
    assert "Signature is Valid" in signature.stdout
    assert "Total document signed" in signature.stdout
    out = StringIO()
    call_command("verify_report", str(path), stdout=out)
    stated = json.loads(attached(portfolio.data, "results.json"))["integrity"]
    head = f"entry {stated['journal_sequence']}"
    assert re.search(r"^  as of +\d{4}-\d\d-\d\d \d\d:\d\d UTC$", out.getvalue(), re.MULTILINE)
    assert f"  journal      {head}, SHA-256 {stated['journal_hash']}\n" in out.getvalue()
    assert f"The stored journal contains {head} with the hash that the report states." in out.getvalue()
    client = signed_in_client(portfolio.world.people["organization_engineer"])
    place = [portfolio.world.organization.slug, portfolio.report.number]
    shown = client.get(reverse("portfolio-report", args=place) + "?checks").content.decode()
    assert (
        f"The stored journal contains {head} with the hash that the report states. The entry is unchanged."
        in shown
    )
    damaged = bytearray(portfolio.data)
    damaged[len(damaged) // 2] ^= 1
    assert not verify_pdf(bytes(damaged), installation_trust()).valid
    registered = find_by_hash(portfolio.report.sha256)
    assert registered is not None
    assert registered.record.report == portfolio.report.pk


@pytest.mark.slow
@pytest.mark.skipif(bool(verapdf.missing()), reason=f"veraPDF cannot run: {verapdf.missing()}")
def test_conforms_to_pdf_a_and_pdf_ua(
    portfolio: Portfolio,
    tmp_path: Path,
    pki: Pki,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in SETTINGS:
        monkeypatch.setenv(name, "")
    (tmp_path / "a4.pdf").write_bytes(portfolio.data)
    with organization_scope(portfolio.world.organization):
        report = PortfolioReport.objects.select_related("organization").get(pk=portfolio.report.pk)
        report.paper = "letter"
        facts, files = attach(portfolio_facts(report, ensure_signing_identity()))
        (tmp_path / "letter.pdf").write_bytes(render(facts, files).content)
        report.language = "de"
        facts, files = attach(portfolio_facts(report, ensure_signing_identity()))
        german = render(facts, files).content
        (tmp_path / "german.pdf").write_bytes(german)
    with pikepdf.open(io.BytesIO(german)) as pdf:
        assert pdf.Root.Lang == "de"
        assert str(pdf.docinfo["/Title"]) == f"Portfoliobericht von {report.organization.name}"
    for level in ("B-LT", "B-LTA"):
        configure(pki, level)
        signed = sign(german, pki.identity("signer"), reason="a test", report=str(report.pk))
        (tmp_path / f"german-{level}.pdf").write_bytes(signed)
    assert len(signed) > len(german)
    (tmp_path / "german-renewed.pdf").write_bytes(renewed(signed))
    found = verapdf.problems(tmp_path.glob("*.pdf"))
    assert len(found) == 6
    assert all(problems == [] for flavours in found.values() for problems in flavours.values()), found


def test_only_people_of_the_whole_organization_see_it(portfolio: Portfolio) -> None:
    world = portfolio.world
    with organization_scope(world.organization):
        assert PortfolioReport.objects.filter(pk=portfolio.report.pk).exists()
    for role in ("tenant_administrator", "auditor", "approver", "owner"):
        with person_scope(world.people[role]):
            assert not PortfolioReport.objects.exists()
            assert not PortfolioReport._base_manager.filter(pk=portfolio.report.pk).exists()
    with factories.in_tenant(world.home):
        assert not PortfolioReport._base_manager.filter(pk=portfolio.report.pk).exists()
    with organization_scope(world.foreign.organization):
        assert not PortfolioReport._base_manager.filter(pk=portfolio.report.pk).exists()
        with pytest.raises(InvalidInput, match="belongs to another organization"):
            request_portfolio(
                organization=world.foreign.organization, by=factories.BY, customers=[world.home.pk]
            )


def test_a_finished_report_never_changes(portfolio: Portfolio) -> None:
    changes = (
        "sha256 = 'x'", "customers = ARRAY[organization_id]", "state = 'failed', error = 'x'", "file = 'x'", "size = 1",
        "title = 'x'", "classification = 'Public'", "paper = 'letter'", "label = 'x'",
        "is_selection = NOT is_selection", "supersedes_number = 1",
        "requested_as = 'Somebody else'", "signer = 'x'", "self_made = NOT self_made",
        "pages = pages + 1", "level = 'B-LTA'", "as_of = now()", "branding_id = gen_random_uuid()",
    )  # fmt: skip
    for change in changes:
        with (
            organization_scope(portfolio.world.organization),
            pytest.raises(DatabaseError, match="final"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE portfolio_reports_portfolioreport SET {change}")


@pytest.mark.slow(seconds=3)
def test_a_report_has_the_branding_of_its_request(portfolio: Portfolio, tmp_path: Path) -> None:
    organization, schema = portfolio.world.organization, json.loads(SCHEMA_FILE.read_text())
    looks = {
        "": Look(
            name="Northwind Audit", contact="audit@example.com", cover_text="For the board.", accent="#8a1538"
        ),
        "gold": Look(name="Gold & Sons", logo=read_logo(GOOD_SVG)),
    }
    with organization_scope(organization):
        change_tenant(tenant=portfolio.world.home, by=factories.BY, labels=["Gold"])
        for label, look in looks.items():
            save_branding(organization=organization, by=factories.BY, look=look, label=label)
        reports = {
            label: request_portfolio(organization=organization, by=factories.BY, label=label)
            for label in looks
        }
        save_branding(organization=organization, by=factories.BY, look=Look(name="Later"))
        texts = {}
        for label, row in reports.items():
            facts, files = attach(portfolio_facts(row, ensure_signing_identity()))
            results = json.loads(files[0].content)
            assert jsonschema.Draft202012Validator(schema).is_valid(results)
            assert results["identity"]["branding"]["name"] == looks[label]["name"]
            logo = logo_of(row.branding)
            content = render(facts, files, logo).content
            (tmp_path / f"branded-{label}.pdf").write_bytes(content)
            texts[label] = text_of(content, tmp_path)
            assert (logo is not None) is (label == "gold")
            assert ("Logo of Gold" in render_html(facts, files, logo)) is (label == "gold")
            # Cancel the requested report, which is not built: the assertions below need only its texts.
            row.state = State.CANCELLED
            row.save(update_fields=["state"])
    for text in ("Northwind Audit", "audit@example.com", "For the board."):
        assert text in texts[""]
    assert "Later" not in texts[""]
    assert "Gold & Sons" in texts["gold"]
    if not verapdf.missing():
        found = verapdf.problems(tmp_path.glob("branded-*.pdf"))
        assert len(found) == 2
        assert all(problems == [] for flavours in found.values() for problems in flavours.values()), found


def test_the_application_cannot_delete_a_report(portfolio: Portfolio) -> None:
    with organization_scope(portfolio.world.organization):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            PortfolioReport.objects.all()._raw_delete("default")
        foreign = [portfolio.world.foreign.organization_id]
        with (
            pytest.raises(DatabaseError, match="not in scope"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("SELECT portfolio_reports_delete_old(%s)", foreign)


def test_a_report_can_be_revoked_once_with_a_reason_that_names_no_customer(portfolio: Portfolio) -> None:
    report, by = portfolio.report, portfolio.world.people["organization_administrator"]
    with person_scope(by):
        for reason in ("never & sons was missing", "The Never & Sons-Bericht was wrong", "non-never & sons"):
            with pytest.raises(InvalidInput, match="Do not name customers"):
                revoke_portfolio(report=report, by=by, reason=reason)
        revoke_portfolio(report=report, by=by, reason="A customer was missing.")
        with pytest.raises(CannotRevoke, match="already revoked"):
            revoke_portfolio(report=report, by=by, reason="Again.")
        entry = OrganizationJournalEntry.objects.get(action="portfolio_report.revoked")
    assert entry.target == f"portfolio_report:{report.number}"
    assert standing(report.pk).reason == "A customer was missing."
    out = StringIO()
    with pytest.raises(SystemExit) as status:
        call_command("verify_report", sha256=report.sha256, stdout=out)
    assert status.value.code == 4
    assert "Portfolio report" in out.getvalue()


def test_the_operator_revokes_by_hash(portfolio: Portfolio) -> None:
    found = portfolio_anywhere(portfolio.report.sha256)
    assert found is not None
    assert found.pk == portfolio.report.pk
    call_command(
        "revoke_report", sha256=portfolio.report.sha256, reason="A customer was missing.", stdout=StringIO()
    )
    assert standing(portfolio.report.pk).revoked_at is not None


def test_a_newer_report_supersedes_an_earlier_one(portfolio: Portfolio) -> None:
    organization = portfolio.world.organization
    with organization_scope(organization):
        newer = build_portfolio(organization=organization, by=factories.BY, supersedes=portfolio.report)
        assert newer.number == portfolio.report.number + 1
        assert standing(portfolio.report.pk).number == newer.number
        with pytest.raises(InvalidInput, match="already revoked or superseded"):
            build_portfolio(organization=organization, by=factories.BY, supersedes=portfolio.report)


def test_customers_are_chosen_by_label_or_one_by_one(portfolio: Portfolio) -> None:
    organization, stale = portfolio.world.organization, portfolio.customers["stale"]
    with organization_scope(organization):
        Tenant.objects.filter(pk=stale.pk).update(labels=["Retail"])
        by_label = request_portfolio(organization=organization, by=factories.BY, label="retail")
        chosen = request_portfolio(organization=organization, by=factories.BY, customers=[stale.pk])
        assert by_label.customers == chosen.customers == [stale.pk]
        assert (by_label.selection, chosen.selection) == (
            "customers with the label “retail”",
            "selected customers",
        )
        with pytest.raises(InvalidInput, match="No customer has the label"):
            request_portfolio(organization=organization, by=factories.BY, label="unknown")
        with pytest.raises(InvalidInput, match="not both"):
            request_portfolio(
                organization=organization, by=factories.BY, label="retail", customers=[stale.pk]
            )
        facts = portfolio_facts(by_label, ensure_signing_identity())
    assert [fact.name for fact in facts.customers] == ["Stale Traders"]
    assert (facts.selection.customers, facts.selection.of) == (1, 4)


def test_a_worker_builds_a_requested_report(portfolio: Portfolio) -> None:
    organization = portfolio.world.organization
    with organization_scope(organization):
        report = request_portfolio(
            organization=organization, by=portfolio.world.people["organization_engineer"], paper="letter"
        )
        assert report.state == State.BUILDING
    build_requested(organization_id=organization.pk, report_id=report.pk)
    with organization_scope(organization):
        built = PortfolioReport.objects.get(pk=report.pk)
        assert (built.state, built.error, built.step, built.paper) == (State.READY, "", "", "letter")
        content = read_file(report=built, by=factories.BY)
        assert content is not None
        assert verify_pdf(content, installation_trust()).valid
        taken = OrganizationJournalEntry.objects.filter(target=f"portfolio_report:{built.number}")
        assert sorted(taken.values_list("action", flat=True)) == [
            "portfolio_report.built",
            "portfolio_report.requested",
        ]


def test_a_cancelled_report_is_not_built(portfolio: Portfolio) -> None:
    organization = portfolio.world.organization
    with organization_scope(organization):
        report = request_portfolio(organization=organization, by=factories.BY)
        cancel_portfolio(report=report, by=factories.BY)
        with pytest.raises(Conflict, match="no longer being built"):
            cancel_portfolio(report=report, by=factories.BY)
    build_requested(organization_id=organization.pk, report_id=report.pk)
    with organization_scope(organization):
        row = PortfolioReport.objects.get(pk=report.pk)
        assert (row.state, row.sha256, str(row.file)) == (State.CANCELLED, "", "")


def test_a_worker_stops_when_the_report_is_cancelled_meanwhile(
    portfolio: Portfolio, monkeypatch: pytest.MonkeyPatch
) -> None:
    organization = portfolio.world.organization
    with organization_scope(organization):
        report = request_portfolio(organization=organization, by=factories.BY)
    real = portfolio_facts

    def cancelling(row: PortfolioReport, signing: SigningIdentity) -> PortfolioFacts:
        cancel_portfolio(report=row, by=factories.BY)
        return real(row, signing)

    monkeypatch.setattr(actions, "portfolio_facts", cancelling)
    build_requested(organization_id=organization.pk, report_id=report.pk)
    with organization_scope(organization):
        row = PortfolioReport.objects.get(pk=report.pk)
        assert (row.state, row.lease_until, str(row.file)) == (State.CANCELLED, None, "")


def test_a_changed_file_is_not_sent(portfolio: Portfolio) -> None:
    organization, report = portfolio.world.organization, portfolio.report
    path = Path(report.file.path)
    content = path.read_bytes()
    try:
        path.write_bytes(content + b" ")
        with organization_scope(organization):
            assert read_file(report=report, by=factories.BY) is None
            assert (
                OrganizationJournalEntry.objects.filter(action="portfolio_report.file_refused").count() == 1
            )
    finally:
        path.write_bytes(content)


def test_the_retention_deletes_old_reports_except_the_newest_and_those_on_hold(portfolio: Portfolio) -> None:
    organization, home = portfolio.world.organization, portfolio.world.home
    with time_machine.travel(timezone.now() - timedelta(days=2900)), organization_scope(organization):
        old = _row(portfolio, 50, [portfolio.customers["stale"].pk])
        held = _row(portfolio, 51, [home.pk, portfolio.customers["stale"].pk])
        newest = _row(portfolio, 52, [home.pk])
    with factories.in_tenant(home):
        place_hold(tenant=home, by=portfolio.world.people["organization_administrator"], reason="A lawsuit")
    with organization_scope(organization):
        for row in (old, held):
            PortfolioLink.objects.create(
                organization=organization, report_number=row.number, recipient="Somebody",
                token_hash=f"{row.number:064d}", expires_at=timezone.now() + timedelta(days=1),
            )  # fmt: skip
        assert delete_old(organization) == 1
        links = PortfolioLink.objects.filter(recipient="Somebody").values_list("report_number", flat=True)
        assert list(links) == [held.number]
        left = set(PortfolioReport.objects.values_list("pk", flat=True))
        assert old.pk not in left
        assert {held.pk, newest.pk, portfolio.report.pk} <= left
        assert OrganizationJournalEntry.objects.get(action="portfolio_report.deleted").details["reports"] == 1


def _row(portfolio: Portfolio, number: int, customers: list[UUID]) -> PortfolioReport:
    return PortfolioReport.objects.create(
        organization=portfolio.world.organization, number=number, title="Old", customers=customers, state=State.READY,
        sha256=f"{number:064d}", file=f"x/{number}.pdf", size=1, as_of=timezone.now() - timedelta(days=2900),
        requested_as="x",
    )  # fmt: skip


def test_the_command_writes_the_file(portfolio: Portfolio, tmp_path: Path) -> None:
    out, path = StringIO(), tmp_path / "portfolio.pdf"
    slug = portfolio.world.organization.slug
    call_command("build_portfolio_report", slug, str(path), customer=[portfolio.world.home.slug], stdout=out)
    assert "on 1 customers" not in out.getvalue()
    assert "on 1 customer, SHA-256" in out.getvalue()
    assert verify_pdf(path.read_bytes(), installation_trust()).valid
    with pytest.raises(CommandError, match="no customer 'nobody'"):
        call_command("build_portfolio_report", slug, str(tmp_path / "b.pdf"), customer=["nobody"])
    assert not (tmp_path / "b.pdf").exists()
    choices = ", ".join(sorted((slug, "other-provider")))
    with pytest.raises(CommandError, match=f"no organization “nobody”. Choose one of: {choices}"):
        call_command("build_portfolio_report", "nobody", str(tmp_path / "b.pdf"))
