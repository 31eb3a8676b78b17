"""Test data: two providers with assessed customers, and a person for each role. The product's actions create them.

    world = make_world()
    world.people["auditor"]  world.home  world.foreign  world.of(world.home)["finding"]

The estates are small fictitious subscriptions. The engine judges them and writes the results. Azure is not read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from django.core.files.base import ContentFile
from django.db.models.signals import pre_save
from django.test import Client
from django.utils import timezone

from assessments.actions.own_controls import save_draft
from assessments.actions.scans.imports import import_scan
from assessments.actions.start import start
from assessments.actions.units.lease import claim
from assessments.actions.units.write import Gathered, write_unit
from assessments.controls.registry import catalogue
from assessments.estate.estate import Estate, UnitKind
from assessments.estate.gaps import Gap, Reason
from assessments.estate.identity.principal_roles import (
    ApplicationRole,
    AzureRole,
    PrincipalRoles,
    Unread,
    as_plain,
)
from assessments.evaluate import controls_for
from assessments.models import Assessment, Finding, OwnControl, Resource, ScanImport, Unit
from assessments.own.definition import prefix_of
from portal.accounts.actions.api_tokens import create_token
from portal.accounts.actions.service_accounts import create_service_account
from portal.accounts.actions.service_credentials import create_client_secret, create_service_token
from portal.accounts.models import AccountChange, AccountMail, ApiToken
from portal.bulk_jobs.models import BulkJob, BulkJobItem
from portal.changes.actions.record import record_changes
from portal.changes.models import PlannedChange, ResourceChange, WatchRule
from portal.configuration.actions import upload as upload_configuration
from portal.configuration.models import ConfigurationFile
from portal.configuration.own_controls import EXAMPLE, read_control
from portal.distribution.actions.schedules import Schedule, add_schedule
from portal.distribution.models import (
    PortfolioDelivery,
    PortfolioLink,
    PortfolioRun,
    ReportDelivery,
    ReportLink,
    ReportRun,
)
from portal.imports.actions import upload
from portal.imports.models import CustomerImport
from portal.notify.models import Notice
from portal.offboarding.models import CustomerExport, Erasure
from portal.portfolio_reports.models import PortfolioReport
from portal.reports.models import Report
from portal.tickets.actions.rules import save_rule
from portal.tickets.actions.systems import add_system, set_places
from portal.tickets.models import Ticket, TicketComment, TicketCursor
from portal.treatment.actions.attestations.attest import attest
from portal.treatment.actions.comments import add_comment
from portal.treatment.actions.exceptions import request_exception
from portal.treatment.actions.owners.assign import assign
from portal.treatment.actions.owners.rules import create_rule
from portal.treatment.actions.saved_views import save_view
from portal.treatment.models import (
    Baseline,
    BaselineChannel,
    Batch,
    Campaign,
    CampaignCustomer,
    EvidenceFile,
    ExceptionComment,
    FindingException,
    ListView,
)
from tenants.actions import grant_membership, invite
from tenants.models import (
    ExclusionRule,
    Membership,
    Organization,
    Person,
    Registration,
    ServicePrincipal,
    Subscription,
    Tenant,
)
from tenants.people.link_tokens import hash_token
from tenants.roles import ORGANIZATION_ROLES, Role
from tenants.scope import organization_scope, person_scope
from tenants.secrets import seal
from tests import factories
from tests.portal.distribution.schedules import choices
from tests.portal.web.notifications.objects import make_notifications
from tests.portal.web.one_id import OneId
from tests.portal.web.report_file import portfolio_file, report_file

type SignIn = Callable[[Person], Client]


@dataclass
class World:
    """`people` has one person for each role, with access to `home`. `people["owner"]` owns one finding of `home`:
    `of(home)["owned"]`.

    `foreign` is a customer of another provider. Their first object of each model, except `Organization`, has the id
    `foreign_id`.
    """

    organization: Organization
    home: Tenant
    foreign: Tenant
    foreign_id: UUID
    people: dict[str, Person] = field(default_factory=dict)
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)

    def of(self, tenant: Tenant) -> dict[str, Any]:
        """Return a tenant's objects by name: finding, manual, exception, attestation, file, assessment and others."""
        return self.objects[tenant.slug]


def make_export(tenant: Tenant) -> CustomerExport:
    """Return a finished export with a small file, because writing an archive takes hundreds of database queries."""
    content = b"archive"
    export = CustomerExport(
        tenant=tenant,
        state=CustomerExport.State.READY,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        expires_at=timezone.now() + timedelta(days=7),
        ended_at=timezone.now(),
    )
    export.file.save("", ContentFile(content), save=False)
    export.save()
    return export


def account(guid: str, name: str, *, safe: bool, group: str = "rg-prod") -> dict[str, Any]:
    """Return a storage account as ARM lists it, with the properties that controls read."""
    scope = f"/subscriptions/{guid}/resourceGroups/{group}"
    return {
        "id": f"{scope}/providers/Microsoft.Storage/storageAccounts/{name}",
        "name": name,
        "type": "Microsoft.Storage/storageAccounts",
        "location": "westeurope",
        "kind": "StorageV2",
        "tags": {"env": "prod"},
        "properties": {"supportsHttpsTrafficOnly": safe, "allowBlobPublicAccess": not safe},
    }


def assess(
    tenant: Tenant,
    subscription: Subscription,
    accounts: Iterable[Mapping[str, Any]],
    *,
    by: Person,
    groups: Iterable[Mapping[str, Any]] | None = None,
) -> Assessment:
    """Write a finished assessment of one subscription with these storage accounts and network security groups.

    If `groups` is None, the assessment has a gap: it could not read network security groups.
    """
    with factories.in_tenant(tenant):
        assessment = start(tenant=tenant, by=by)
        unit = Unit.objects.create(
            tenant=tenant,
            assessment=assessment,
            kind=Unit.Kind.SUBSCRIPTION,
            azure_id=subscription.subscription_id,
            name=subscription.display_name,
            directory_id=subscription.directory_id,
            service_principal_id=subscription.service_principal_id,
            subscription=subscription,
            steps_planned=12,
        )
        Assessment.objects.filter(pk=assessment.pk).update(
            state=Assessment.State.RUNNING, started_at=timezone.now(), units_total=1
        )
    lease = claim(tenant_id=tenant.pk, unit_id=unit.pk, worker="tests")
    assert lease is not None
    estate = Estate(
        kind=UnitKind.SUBSCRIPTION,
        unit_id=subscription.subscription_id,
        subscriptions=[subscription.subscription_id],
        now=timezone.now(),
    )
    accounts = list(accounts)
    estate.add_documents("storage_accounts", estate.scope_id, accounts, request_id="3f1b2c")
    for one in accounts:
        service = {"id": f"{one['id']}/fileServices/default", "name": "default", "properties": {}}
        estate.add_documents("file_services", str(one["id"]), [service])
    if groups is None:
        estate.add_gap(
            Gap(
                "network_security_groups",
                estate.scope_id,
                Reason.FORBIDDEN,
                status=403,
                code="AuthorizationFailed",
                request_id="9d1f",
                permission="Microsoft.Network/networkSecurityGroups/read",
            )
        )
    else:
        estate.add_documents("network_security_groups", estate.scope_id, groups, request_id="9d1f")
    controls = controls_for(UnitKind.SUBSCRIPTION, catalogue().values())
    write_unit(lease=lease, controls=controls, gathered=Gathered(estate, requests=41, throttled=2))
    with factories.in_tenant(tenant):
        return Assessment.objects.get(pk=assessment.pk)


def make_report_delivery(tenant: Tenant, report: Report) -> ReportDelivery:
    """Store a mail that contained the report. The mail server refused the mail."""
    now = timezone.now()
    run = ReportRun.objects.create(
        tenant=tenant,
        schedule_name="Earlier schedule",
        state="built",
        due_at=now,
        start_at=now,
        report_number=report.number,
    )
    return ReportDelivery.objects.create(
        tenant=tenant,
        run=run,
        address="it@contoso.example",
        state="failed",
        due_at=now,
        error="550 no such user",
    )


def make_report_link(tenant: Tenant, report: Report, by: Person, token: str = "token") -> ReportLink:
    """Store a link to the report, with a known token."""
    return ReportLink.objects.create(
        tenant=tenant,
        report_number=report.number,
        recipient="Contoso, internal audit",
        token_hash=hash_token(f"{token}-of-{tenant.slug}"),
        made_by=by,
        expires_at=timezone.now() + timedelta(days=7),
    )


def make_portfolio_link(report: PortfolioReport, by: Person) -> PortfolioLink:
    """Store a link to the portfolio report, with a known token."""
    with organization_scope(report.organization_id):
        return PortfolioLink.objects.create(
            organization=report.organization,
            report_number=report.number,
            recipient="Contoso Holding",
            token_hash=hash_token(f"token-of-{report.organization.slug}"),
            made_by=by,
            expires_at=timezone.now() + timedelta(days=7),
        )


def make_portfolio_delivery(report: PortfolioReport) -> PortfolioDelivery:
    """Store a mail that contained the portfolio report. The mail server refused the mail."""
    now, organization = timezone.now(), report.organization
    with organization_scope(organization):
        run = PortfolioRun.objects.create(
            organization=organization,
            schedule_name="Earlier schedule",
            state="built",
            due_at=now,
            start_at=now,
            report_number=report.number,
        )
        return PortfolioDelivery.objects.create(
            organization=organization,
            run=run,
            address="it@contoso.example",
            state="failed",
            due_at=now,
            error="550 no such user",
        )


def make_portfolio_report(tenant: Tenant, by: Person) -> PortfolioReport:
    """Store a finished portfolio report on one customer with a placeholder file, like `stored_report`."""
    with organization_scope(tenant.organization):
        row = PortfolioReport(
            organization=tenant.organization,
            number=1,
            title=f"Portfolio report of {tenant.organization.name}",
            customers=[tenant.pk],
            is_selection=True,
            requested_by=by,
            requested_as=by.email,
            as_of=timezone.now(),
            level="B-B",
            signer="Surety report signing (self-signed)",
            self_made=True,
            pages=2,
            state=PortfolioReport.State.READY,
        )
        content = portfolio_file(tenant.organization, tenant)
        row.sha256, row.size = hashlib.sha256(content).hexdigest(), len(content)
        row.file.save(row.file_name, ContentFile(content), save=False)
        row.save()
        return row


def make_report_schedule(place: Tenant | Organization, by: Person, name: str = "Monthly report") -> Schedule:
    """Add a report schedule that mails to an unconfirmed address. The caller must have opened the scope of `place`."""
    return add_schedule(
        place=place,
        by=by,
        choices=choices(
            name=name, timetable="monthly 1 06:00 within 240", label="no customer has this label"
        ),
    )


def stored_report(tenant: Tenant, assessment: Assessment, by: Person) -> Report:
    """Store a finished report with a placeholder file, because rendering takes seconds and has its own tests."""
    last = Report.objects.filter(tenant=tenant).count()
    report = Report(
        tenant=tenant,
        number=last + 1,
        title=f"Azure compliance report for {tenant.name}",
        requested_by=by,
        requested_as=f"{by.name} <{by.email}>",
        assessment=assessment,
        as_of=assessment.ended_at or assessment.created_at,
        level="B-B",
        signer="Surety report signing (self-signed)",
        self_made=True,
        pages=7,
        state=Report.State.READY,
    )
    content = report_file(tenant, report.title)
    report.sha256, report.size = hashlib.sha256(content).hexdigest(), len(content)
    report.file.save(report.file_name, ContentFile(content), save=False)
    report.save()
    return report


UNREAD: Final = "10000000-0000-0000-0000-0000000000ff"
"""The id of a subscription at which the roles of the customers' service principals could not be read."""


def roles_of_the_reader(guid: str) -> dict[str, Any]:
    """Return the stored roles of a service principal: Reader at a subscription, a custom role at management
    groups (through a group), and permissions of Microsoft Graph. Roles at the subscription `UNREAD` could not be read.
    """
    custom = "c0000000-0000-0000-0000-000000000001"
    reader = AzureRole("Reader", "acdd72a7-3385-48ef-bd42-f606fba81ae7", f"/subscriptions/{guid}")
    groups = [f"/providers/Microsoft.Management/managementGroups/contoso-{number}" for number in range(8)]
    return as_plain(
        PrincipalRoles(
            azure=(
                reader,
                *(
                    AzureRole("Contoso auditor", custom, scope, is_custom=True, through_group=True)
                    for scope in groups
                ),
            ),
            azure_unread=(
                Unread(
                    f"/subscriptions/{UNREAD}",
                    Reason.FORBIDDEN,
                    "Microsoft.Authorization/roleAssignments/read",
                ),
            ),
            applications=(
                ApplicationRole("Policy.Read.All", "Microsoft Graph"),
                ApplicationRole("User.Read.All", "Microsoft Graph"),
            ),
        )
    )


def make_customer(
    owner: Organization, name: str, by: Person, accounts: int = 3
) -> tuple[Tenant, dict[str, Any]]:
    """Create a tenant with two assessments, between which its first storage account became insecure."""
    tenant = factories.tenant(owner, name, labels=["gold"])
    directory = factories.directory(tenant, name=f"{name} directory")
    principal: ServicePrincipal = factories.service_principal(
        directory, name="surety-reader", expires_at=timezone.now() + timedelta(days=9)
    )
    subscription = factories.subscription(principal, "Production")
    guid = subscription.subscription_id
    principal.roles, principal.roles_read_at = roles_of_the_reader(guid), timezone.now()
    with factories.in_tenant(tenant):
        principal.save(update_fields=["roles", "roles_read_at"])
    names = [f"{tenant.slug.replace('-', '')[:12]}{number}" for number in range(accounts)]
    before = [account(guid, name, safe=number != 1) for number, name in enumerate(names)]
    after = [account(guid, name, safe=number > 1) for number, name in enumerate(names)]
    assess(tenant, subscription, before, by=by)
    assessment = assess(tenant, subscription, after, by=by)
    record_changes(tenant_id=tenant.pk)
    with factories.in_tenant(tenant):
        report = stored_report(tenant, assessment, by)
        notified = make_notifications(tenant, by)
        finding = Finding.objects.get(
            tenant=tenant,
            control="storage-anonymous-access-disallowed",
            subject_name=names[0],
            outcome="fail",
        )
        manual = Finding.objects.get(
            tenant=tenant, control="storage-sas-expiry", subject_name=names[0], outcome="manual"
        )
        attestation = attest(
            finding=manual,
            by=by,
            met=True,
            statement="Looked at the policy in the portal.",
            valid_until=timezone.now() + timedelta(days=90),
        )
        exception = request_exception(
            tenant=tenant,
            by=by,
            scope=FindingException.Scope.FINDING,
            reason="The public site reads from it.",
            findings=Finding.objects.filter(pk=finding.pk),
            ends_at=timezone.now() + timedelta(days=60),
            files=[ContentFile(f"asked,by\n{tenant.slug},x\n".encode(), name="request.csv")],
        )
        file = EvidenceFile.objects.get(exception=exception)
        exception_comment = ExceptionComment.objects.create(
            tenant=tenant, exception=exception, author=by, at=timezone.now(), body="Until when?"
        )
        comment = add_comment(finding=finding, by=by, body="Who opened it?")
        rule = create_rule(tenant=tenant, by=by, name="Storage", owner=by, enabled=False, section="storage")
        owned = Finding.objects.get(
            tenant=tenant,
            control="storage-anonymous-access-disallowed",
            subject_name=names[1],
            outcome="fail",
        )
        batch = give(tenant, owned, None, by=by)
        Registration.objects.create(tenant=tenant, started_by=by)
        exclusion_rule = ExclusionRule.objects.create(
            tenant=tenant, name="Sandboxes", reason="Only for experiments.", tag="environment=sandbox"
        )
        view = save_view(tenant=tenant, by=by, name="Storage, failing", query="verdict=fail", shared=True)
        export = make_export(tenant)
        schedule = make_report_schedule(tenant, by)
        delivery = make_report_delivery(tenant, report)
        report_link = make_report_link(tenant, report, by)
        resource = Resource.objects.get(tenant=tenant, name=names[0])
        change = ResourceChange.objects.get(tenant=tenant, resource=resource)
        watch_rule = WatchRule.objects.create(
            tenant=tenant,
            name="Machines at night",
            severity="low",
            enabled=False,
            types=["microsoft.compute/*"],
        )
        planned_change = PlannedChange.objects.create(
            tenant=tenant,
            name="Move of the site",
            groups=["rg-moved"],
            starts_at=timezone.now(),
            ends_at=timezone.now() + timedelta(days=3),
            created_by=by,
            created_at=timezone.now(),
        )
    return tenant, {
        "finding": finding,
        "resource": resource,
        "change": change,
        "watch_rule": watch_rule,
        "planned_change": planned_change,
        "manual": manual,
        "attestation": attestation,
        "exception": exception,
        "exception_comment": exception_comment,
        "file": file,
        "comment": comment,
        "rule": rule,
        "exclusion_rule": exclusion_rule,
        "owned": owned,
        "batch": batch,
        "view": view,
        **notified,
        "assessment": assessment,
        "report": report,
        "export": export,
        "report_schedule": schedule,
        "report_delivery": delivery,
        "report_link": report_link,
        "principal": principal,
        "subscription": subscription,
        "delegated": factories.foreign_subscription(principal, name=f"{name} delegated"),
        "directory": directory,
    }


def give(tenant: Tenant, finding: Finding, owner: Person | None, *, by: Person) -> Batch:
    """Assign one finding to a person. Needs the tenant's scope."""
    one = Finding.objects.filter(pk=finding.pk)
    return assign(tenant=tenant, findings=one, owner=owner, by=by)


def make_access(tenant: Tenant, by: Person, who: Person | None = None) -> dict[str, Any]:
    """Create an invitation and, for a new person, an unconfirmed membership and a requested account change. Return
    these three, `who` (default: a new auditor), and the membership of `who`.
    """
    who = who or factories.member(Role.AUDITOR, tenant)
    waiting = factories.person(f"waiting@{tenant.slug}.example", name="Wanda Waiting")
    with organization_scope(tenant.organization):
        change = AccountChange.objects.create(
            organization=tenant.organization,
            person=waiting,
            kind=AccountChange.Kind.SECOND_FACTOR,
            requested_by=by,
        )
    with person_scope(by):
        place: dict[str, Any] = {"by": by, "organization": tenant.organization, "tenant": tenant}
        invitation, _ = invite(**place, email=f"invited@{tenant.slug}.example", role=Role.OWNER)
        return {
            "account": who,
            "account_change": change,
            "membership": Membership.objects.get(person=who, tenant=tenant),
            "waiting": grant_membership(**place, person=waiting, role=Role.APPROVER),
            "invitation": invitation,
        }


def make_api_token(organization: Organization, by: Person) -> ApiToken:
    """Create an API token that permits reading what `by` may read. The text of the token is discarded."""
    with person_scope(by):
        choices = {"name": "Nightly export", "capabilities": ["view", "view_all"], "days": 90}
        token, _ = create_token(by=by, organization=organization, **choices)
        # Delete the mail about the token. It is sealed with the current keys, but tests with a worker use other keys.
        AccountMail.objects.all().delete()
        return token


def make_scan_import(tenant: Tenant, by: Person, address: str = "192.0.2.4") -> ScanImport:
    """Import a scan of a machine that is not in the inventory."""
    columns = "IP,Vulnerability,Vulnerability ID,CVSS V3,NetBIOS Name"
    content = f"{columns}\n{address},Old TLS library,801,9.8,{tenant.slug}\n"
    with factories.in_tenant(tenant):
        return import_scan(
            tenant=tenant,
            by=by,
            origin=ScanImport.Origin.PAGE,
            file_name=f"ip360 of {tenant.slug}.csv",
            content=content.encode(),
            scanned_at=timezone.now() - timedelta(days=2),
        )


def make_bulk_job(tenant: Tenant, finding: Finding, token: ApiToken, by: Person) -> BulkJob:
    """Store a finished job with one finding, which it has skipped."""
    now = timezone.now()
    with factories.in_tenant(tenant):
        job = BulkJob.objects.create(
            tenant=tenant,
            action="claim",
            by=by,
            token_id=token.pk,
            token=token.beginning,
            state=BulkJob.State.FINISHED,
            total=1,
            skipped=1,
            created_at=now,
            started_at=now,
            ended_at=now,
        )
        BulkJobItem.objects.create(
            tenant=tenant, job=job, finding=finding, state="skipped", reason_code="has_owner", done_at=now
        )
    return job


def make_service_account(organization: Organization, by: Person) -> dict[str, Any]:
    """Create a service account for all customers, with a token and a client secret. The texts of both are discarded."""
    with person_scope(by):
        account = create_service_account(
            by=by,
            organization=organization,
            name="Ticket system",
            purpose="Opens tickets for failures",
            responsible=by,
            role=Role.ORGANIZATION_ENGINEER,
        )
        create_service_token(by=by, account=account, name="Production server", days=90)
        secret, _ = create_client_secret(by=by, account=account, name="Build pipeline", days=90)
        # Delete the mail about the token. It is sealed with the current keys, but tests with a worker use other keys.
        AccountMail.objects.all().delete()
    return {"service_account": account, "client_secret": secret}


def make_campaign(tenant: Tenant, control: str, by: Person) -> Campaign:
    """Create a campaign for a control in one customer, without notifying anybody."""
    with organization_scope(tenant.organization):
        campaign = Campaign.objects.create(
            organization=tenant.organization,
            control=control,
            started_by=by,
            started_at=timezone.now(),
        )
        CampaignCustomer.objects.create(
            tenant=tenant,
            organization=tenant.organization,
            campaign=campaign,
            control=control,
            owner=by,
            due_on=timezone.now().date() + timedelta(days=30),
            open_at_start=2,
        )
    return campaign


def make_own_control(tenant: Tenant, by: Person) -> OwnControl:
    """Create a draft of an own control. Assessments do not use drafts."""
    organization = tenant.organization
    text = EXAMPLE.replace("{prefix}", prefix_of(organization.slug))
    text = text.replace("storage-owner-tag", f"tag-{tenant.pk.hex[-8:]}")
    with organization_scope(organization):
        return save_draft(organization=organization, by=by, text=text, data=read_control(text, organization))


def make_tickets(tenant: Tenant, finding: Finding) -> dict[str, Any]:
    """Create a ticket system with a rule for the customer, and a ticket that could not be closed."""
    organization = tenant.organization
    now = timezone.now()
    with organization_scope(organization):
        system = add_system(
            organization=organization,
            by=factories.BY,
            kind="jira",
            name="Jira",
            address="https://tickets.example.com",
            project="OPS",
            values={"email": "surety@example.com", "token": "not-a-token", "issue_type": "Task"},
        )
        rule = save_rule(
            organization=organization,
            by=factories.BY,
            rule=None,
            system=system,
            name="Severe findings",
            per="control",
            severities=["critical", "high"],
            customers=[tenant],
        )
        set_places(system=system, by=factories.BY, projects=[(tenant, "ONE")])
        ticket = Ticket.objects.create(
            tenant=tenant,
            organization=organization,
            system=system,
            kind="jira",
            key=f"control:{finding.control}",
            control=finding.control,
            project="ONE",
            remote_id="10001",
            remote_key="ONE-1",
            url="https://tickets.example.com/browse/ONE-1",
            remote_state="open",
            remote_status="In Progress",
            work="dead",
            attempts=12,
            error="The ticket system has a temporary error (503).",
            due_at=now,
            created_at=now,
            opened_at=now,
        )
        comment = TicketComment.objects.create(
            tenant=tenant, ticket=ticket, remote_id="20001", author="Mira", body="Planned for May.", at=now
        )
        TicketCursor.objects.create(tenant=tenant, planned_at=now)
    return {"ticket_system": system, "ticket_rule": rule, "ticket": ticket, "ticket_comment": comment}


def make_list_view(organization: Organization, by: Person) -> ListView:
    """Create a shared view of the portfolio."""
    with organization_scope(organization):
        return ListView.objects.create(
            organization=organization,
            page="portfolio",
            person=by,
            name="Gold",
            query="label=gold",
            shared=True,
        )


def make_baseline(organization: Organization, by: Person) -> Baseline:
    """Create a baseline for customers with a label that no customer has."""
    with organization_scope(organization):
        return Baseline.objects.create(
            organization=organization,
            name="Silver",
            label="silver",
            exception_cap_days=90,
            owner_rules=[{"name": "Storage", "owner": str(by.pk), "enabled": True, "section": "storage"}],
            watch_rules=[{"name": "Nights", "severity": "low", "enabled": True, "hours": "20:00-06:00"}],
            changed_by=by,
            changed_at=timezone.now(),
        )


def make_baseline_channel(baseline: Baseline) -> BaselineChannel:
    """Add a Teams channel to a baseline."""
    with organization_scope(baseline.organization_id):
        row = BaselineChannel(
            organization=baseline.organization,
            baseline=baseline,
            name="On call",
            kind="teams",
            host="teams.example",
            kinds=["assigned"],
        )
        seal(row, "address", "https://teams.example/hook")
        row.save()
    return row


def make_import(organization: Organization, by: Person) -> CustomerImport:
    """Upload a file with two new customers: one with a client secret, and one with an invalid directory id."""
    content = (
        "name,directory_id,client_id,client_secret\n"
        f"Birch Dental,{uuid5(organization.pk, 'birch')},{uuid5(organization.pk, 'app')},a secret of Birch\n"
        "Cedar Logistics,no id,,\n"
    )
    with person_scope(by):
        return upload(organization=organization, by=by, file_name="customers.csv", content=content.encode())


def make_configuration_file(tenant: Tenant, by: Person) -> ConfigurationFile:
    """Upload a configuration file that adds a label to a customer."""
    content = (
        f"version: 1\norganization:\n  short_name: {tenant.organization.slug}\n"
        f"customers:\n  - short_name: {tenant.slug}\n    labels: [gold, reviewed]\n"
    )
    with person_scope(by):
        row, _ = upload_configuration(
            organization=tenant.organization, by=by, file_name="a.yaml", content=content.encode()
        )
    return row


def make_erasure(organization: Organization, administrator: Person) -> Erasure:
    """Create a finished pseudonymisation that the operator requested and the administrator confirmed.

    Its certificate is a dummy, because signing takes a second.
    """
    former = factories.person(name="Former person 7K3QXM")
    factories.member(Role.ORGANIZATION_ENGINEER, organization, former)
    now = timezone.now()
    with organization_scope(organization):
        Membership.objects.filter(person=former).update(valid_until=now)
        row = Erasure.objects.create(
            organization=organization,
            kind=Erasure.Kind.PERSON,
            subject=former.pk,
            pseudonym="Former person 7K3QXM",
            requested_at=now,
        )
    with person_scope(administrator):
        row.state, row.confirmed_by, row.confirmed_at = Erasure.State.CONFIRMED, administrator, now
        row.save()
        row.refresh_from_db()  # Read the times that the database has set.
    with organization_scope(organization):
        row.state, row.started_at = Erasure.State.RUNNING, now
        row.save()
        row.seal_certificate(b"%PDF-certificate")
        row.certificate_until, row.ended_at = now + timedelta(days=30), now
        row.state = Erasure.State.DONE
        row.save()
    return row


@contextmanager
def without_waiting_period() -> Iterator[None]:
    """Create the organizations of this block without a waiting period for erasures. Shortening the period later would
    take effect only after seven days.
    """

    def set_hours(instance: Organization, **given: Any) -> None:
        instance.erasure_wait_hours = 0

    pre_save.connect(set_hours, sender=Organization)
    try:
        yield
    finally:
        pre_save.disconnect(set_hours, sender=Organization)


def make_world(accounts: int = 3) -> World:
    one_id = OneId()
    with without_waiting_period():
        provider = factories.organization("Northlight Managed")
        with one_id:
            other = factories.organization("Other Provider")
    engineer = factories.person("engineer@example.com", "Mira Okafor")
    factories.member(Role.ORGANIZATION_ENGINEER, provider, engineer)
    home, own = make_customer(provider, "Alder & Finch Clinics", engineer, accounts)
    with one_id:
        stranger = factories.person()
        foreign, theirs = make_customer(other, "Foreign Freight", stranger, accounts)
    world = World(provider, home, foreign, one_id.value, objects={home.slug: own, foreign.slug: theirs})
    world.people["organization_engineer"] = engineer
    for role in Role:
        if role in world.people:
            continue
        place = provider if role in ORGANIZATION_ROLES else home
        who = factories.person(f"{role.value}@example.com", name=f"{role.label}")
        world.people[role.value] = factories.member(role, place, who)
    own.update(make_access(home, world.people["tenant_administrator"], world.people["auditor"]))
    make_objects(home, own, engineer, world.people["organization_administrator"])
    with one_id:
        their_administrator = factories.member(Role.ORGANIZATION_ADMINISTRATOR, other)
        theirs.update(make_access(foreign, their_administrator))
        make_objects(foreign, theirs, their_administrator, their_administrator)
    with factories.in_tenant(home):
        own["batch"] = give(home, own["owned"], world.people["owner"], by=engineer)
    for tenant in (home, foreign):
        with factories.in_tenant(tenant):
            # Digests are due at 7:00. Move them, so that a test that runs at this time does not send them.
            later = Notice.objects.filter(tenant=tenant, state="waiting", due_at__gt=timezone.now())
            later.update(due_at=timezone.now() + timedelta(days=2))
    return world


def make_objects(tenant: Tenant, objects: dict[str, Any], engineer: Person, administrator: Person) -> None:
    """Create objects of the tenant and of its organization, and add them to `objects`."""
    organization = tenant.organization
    objects["managing_principal"] = factories.managing_principal(organization, name="Managing")
    objects["delegation"] = factories.delegation(objects["managing_principal"], name="Delegated sales")
    objects["customer_import"] = make_import(organization, engineer)
    objects["configuration_file"] = make_configuration_file(tenant, administrator)
    objects["api_token"] = make_api_token(organization, engineer)
    objects["scan_import"] = make_scan_import(tenant, engineer)
    objects["bulk_job"] = make_bulk_job(tenant, objects["owned"], objects["api_token"], engineer)
    objects.update(make_service_account(organization, administrator))
    objects["campaign"] = make_campaign(tenant, objects["finding"].control, engineer)
    objects.update(make_tickets(tenant, objects["finding"]))
    objects["own_control"] = make_own_control(tenant, engineer)
    objects["list_view"] = make_list_view(organization, engineer)
    objects["baseline"] = make_baseline(organization, engineer)
    objects["baseline_channel"] = make_baseline_channel(objects["baseline"])
    with person_scope(administrator):
        objects["organization_report_schedule"] = make_report_schedule(organization, administrator)
    objects["portfolio_report"] = make_portfolio_report(tenant, engineer)
    objects["portfolio_link"] = make_portfolio_link(objects["portfolio_report"], engineer)
    objects["portfolio_delivery"] = make_portfolio_delivery(objects["portfolio_report"])
    objects["erasure"] = make_erasure(organization, administrator)
