"""Build portfolio reports: immediately with `build_portfolio`, or by a worker with `request_portfolio`.

Actions need the scope of the organization with all its customers. Views check whether the person has the right that an
action needs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final, TypedDict, Unpack
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from portal.portfolio_reports.attachments import attach
from portal.portfolio_reports.facts import PortfolioFacts
from portal.portfolio_reports.gather import portfolio_facts
from portal.portfolio_reports.models import PortfolioReport
from portal.portfolio_reports.render import render
from portal.portfolio_reports.task_names import BUILD
from portal.reports.actions import LOST_AFTER, MAX_BUILDING
from portal.reports.attachment_files import Attachment
from portal.reports.branding.logos import Logo
from portal.reports.branding.selectors import branding_of_labels, logo_of
from portal.reports.builds import WORKER, BuildLease, Builds, BuildStopped, occupies_worker
from portal.reports.create import MAX_CLASSIFICATION, requester_label
from portal.reports.keys.signing_identity import SigningIdentity
from portal.reports.records.register import enter_supersession, standing
from portal.reports.signed_build import SignedBuild
from portal.reports.signed_content import (
    SignedContent,
    sign_rendered,
    stored,
    unchanged_file,
    usable_identity,
)
from tenants.actors import Actor
from tenants.dispatch import enqueue
from tenants.errors import Conflict, NotFound, invalid
from tenants.ids import parse_uuid
from tenants.locks import Lock, lock
from tenants.models import Language, Organization, Paper, Person, Tenant
from tenants.scope import organization_scope
from tenants.values.visible_text import is_blank

MAX_LABEL: Final = 100


class Choices(TypedDict, total=False):
    """The choices for a portfolio report: all customers, customers with a label, or chosen customers.

    `customers` are ids. `paper` and `language` are values of `tenants.models`, by default those of the organization.
    `supersedes` is an earlier portfolio report that the new report replaces.
    """

    label: str
    customers: Collection[UUID]
    classification: str
    paper: str
    language: str
    supersedes: PortfolioReport | None


def _open_scope(organization_id: UUID | str) -> Any:
    identifier = parse_uuid(organization_id)
    if identifier is None:
        raise NotFound(f"Organization {organization_id} does not exist. Check the id.")
    return organization_scope(identifier)


def _details(report: PortfolioReport) -> dict[str, Any]:
    # The details name no customer, because the organization's journal remains when a customer is erased.
    return {"kind": report.kind, "customers": len(report.customers)}


BUILDS: Final = Builds(
    PortfolioReport,
    "organization",
    _open_scope,
    BUILD,
    ("organization",),
    "Build it for fewer customers",
    _details,
    prefix="portfolio_report",
)


@transaction.atomic
def build_portfolio(*, organization: Organization, by: Actor, **choices: Unpack[Choices]) -> PortfolioReport:
    """Gather, render, sign and store a report now, inside the organization's scope.

    Raises InvalidInput for choices that do not exist or match no customer. Raises SigningUnavailable if the certificate
    or the time-stamp authority cannot be used. In both cases, nothing is stored.
    """
    report = _create(organization, by, choices)
    signing = usable_identity()
    facts, attachments = attach(portfolio_facts(report, signing))
    logo = logo_of(report.branding)
    _store(report, facts, _sign(facts, attachments, logo, signing), signing, by)
    return report


@transaction.atomic
def request_portfolio(
    *, organization: Organization, by: Actor, **choices: Unpack[Choices]
) -> PortfolioReport:
    """Create a report, and enqueue the task that builds it. Raise Conflict while `MAX_BUILDING` other reports are being
    built.
    """
    report = _create(organization, by, choices)
    now = timezone.now()
    recent = Q(state=SignedBuild.State.BUILDING, created_at__gt=now - LOST_AFTER)
    counted = PortfolioReport.objects.filter(recent | occupies_worker(now), organization=organization)
    if counted.exclude(pk=report.pk).count() >= MAX_BUILDING:
        raise Conflict(
            f"{MAX_BUILDING} portfolio reports are already being built, which is the maximum. Wait until one is"
            " ready. A cancelled report counts until its worker has stopped, which can take some minutes.",
            code="reports_building",
        )
    BUILDS.record(report, by, "requested", _details(report))
    enqueue(BUILD, organization.pk, report.pk)
    return report


def build_requested(*, organization_id: UUID | str, report_id: UUID | str, worker: str = "") -> None:
    """Build a requested report. Do nothing if another worker builds it, or if its build has ended."""
    lease = BUILDS.claim(organization_id, report_id, worker)
    if lease is not None:
        BUILDS.carry_out(lease, _build)


def cancel_portfolio(*, report: PortfolioReport, by: Actor) -> None:
    """Cancel the build of a report. Raise Conflict if the build has ended."""
    BUILDS.cancel(report, by)


def read_file(*, report: PortfolioReport, by: Actor) -> bytes | None:
    """Return the report's file. If the file is missing or was changed, write a journal entry and return None."""
    return unchanged_file(report, lambda details: BUILDS.record(report, by, "file_refused", details))


def _build(lease: BuildLease) -> None:
    with lease.scope():
        report = lease.rows().select_related("organization", "branding").first()
        if report is None:
            raise BuildStopped
        signing = usable_identity()
        facts, attachments = attach(portfolio_facts(report, signing))
        logo = logo_of(report.branding)
    signed = _sign(facts, attachments, logo, signing, lease.enter)
    with lease.scope():
        _store(lease.held(), facts, signed, signing, WORKER)


def _sign(
    facts: PortfolioFacts,
    attachments: list[Attachment],
    logo: Logo | None,
    signing: SigningIdentity,
    enter: Callable[[SignedBuild.Step], None] = lambda step: None,
) -> SignedContent:
    enter(SignedBuild.Step.RENDERING)
    return sign_rendered(
        render(facts, attachments, logo),
        None,
        signing,
        report=facts.identity.report_id,
        level=facts.identity.level,
        smaller="Build it for fewer customers.",
        enter=enter,
    )


def _store(
    report: PortfolioReport,
    facts: PortfolioFacts,
    signed: SignedContent,
    signing: SigningIdentity,
    by: Actor,
) -> None:
    report.as_of = facts.identity.as_of
    with stored(report, signed, signing):
        details = {
            **_details(report),
            "sha256": report.sha256,
            "size": report.size,
            "level": report.level,
            "signer": report.signer,
        }
        BUILDS.record(report, by, "built", details)
        _supersede(report, by)


def _supersede(report: PortfolioReport, by: Actor) -> None:
    """If the finished report replaces an earlier report, record in the register that the earlier report is superseded.
    Do nothing if another report has already superseded the earlier report.
    """
    if report.supersedes_number is None:
        return
    rows = PortfolioReport.objects.filter(organization=report.organization, state=SignedBuild.State.READY)
    old = rows.filter(number=report.supersedes_number).first()
    if old is not None and enter_supersession(old, report):
        BUILDS.record(old, by, "superseded", {"sha256": old.sha256, "superseded_by": report.number})


def _create(organization: Organization, by: Actor, choices: Choices) -> PortfolioReport:
    classification = " ".join(choices.get("classification", "Confidential").split())
    if is_blank(classification) or len(classification) > MAX_CLASSIFICATION:
        raise invalid("classification", f"Enter a classification of 1 to {MAX_CLASSIFICATION} characters.")
    paper = choices.get("paper") or organization.report_paper
    if paper not in Paper:
        raise invalid("paper", f"There is no paper size {paper!r}. Use one of: {', '.join(Paper)}.")
    language = choices.get("language") or organization.report_language
    if language not in Language:
        raise invalid(
            "language", f"There is no report language {language!r}. Use one of: {', '.join(Language)}."
        )
    label = " ".join(choices.get("label", "").split())
    chosen = set(choices.get("customers") or ())
    tenants = _tenants(organization, label, chosen)
    supersedes = choices.get("supersedes")
    if supersedes is not None:
        _check_superseded(supersedes, organization)
    lock(Lock.REPORT_NUMBERS, organization.pk)
    last = PortfolioReport.objects.filter(organization=organization).aggregate(last=Max("number"))["last"]
    return PortfolioReport.objects.create(
        organization=organization,
        number=(last or 0) + 1,
        title=f"Portfolio report of {organization.name}"[:300],
        classification=classification,
        paper=paper,
        language=language,
        requested_by=by if isinstance(by, Person) else None,
        requested_as=requester_label(by)[:320],
        label=label,
        branding=branding_of_labels(organization, [label] if label else []),
        is_selection=bool(chosen),
        customers=[tenant.pk for tenant in tenants],
        supersedes_number=supersedes.number if supersedes else None,
    )


def _tenants(organization: Organization, label: str, chosen: Collection[UUID]) -> list[Tenant]:
    """Return the unarchived customers that were chosen by id or by label. If neither was given, return all of them.

    Raise InvalidInput if ids and a label were given, if a chosen customer is archived or unknown, or if there is no
    customer.
    """
    if label and chosen:
        raise invalid("customers", "Choose a label or individual customers, but not both.")
    found = list(Tenant.objects.filter(organization=organization, archived_at=None).order_by("name"))
    if chosen:
        found = [tenant for tenant in found if tenant.pk in chosen]
        if len(found) != len(chosen):
            raise invalid(
                "customers",
                "A chosen customer does not exist, belongs to another organization or is archived. Choose other"
                " customers.",
            )
    elif label:
        if len(label) > MAX_LABEL:
            raise invalid("label", f"A label has at most {MAX_LABEL} characters.")
        wanted = label.casefold()
        found = [tenant for tenant in found if wanted in {word.casefold() for word in tenant.labels}]
        if not found:
            raise invalid("label", f"No customer has the label “{label}”. Choose another label.")
    if not found:
        raise invalid("customers", f"{organization.name} has no customer yet. Register a customer first.")
    return found


def _check_superseded(report: PortfolioReport, organization: Organization) -> None:
    if report.organization_id != organization.pk:
        raise NotFound("This report does not exist, or you do not have access to it.")
    if report.state != SignedBuild.State.READY or standing(report.pk).entered:
        raise invalid(
            "supersedes",
            f"Report {report.number} is not finished, or it was already revoked or superseded. Choose another report.",
        )
