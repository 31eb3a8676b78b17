"""The present settings of an organization and its customers, as a configuration file states them."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from assessments.actions.schedules import wanted_of
from assessments.actions.watch.settings import WORDS
from assessments.controls.registry import catalogue
from assessments.models import ControlSetting, Schedule
from assessments.timing.schedules import DEFAULT, OFF
from portal.changes.models import WatchRule
from portal.configuration.schema import SECRET, VERSION
from portal.configuration.sections.channels import channel_data
from portal.configuration.sections.controls import PresentControls
from portal.configuration.sections.customer import CustomerSettings
from portal.configuration.sections.exclusion_rules import exclusion_rule_data
from portal.configuration.sections.owner_rules import owner_rule_data
from portal.configuration.sections.people import Access, AccessKey, access_data, present_access
from portal.configuration.sections.report_schedules import report_schedule_data
from portal.configuration.sections.report_settings import branding_data
from portal.configuration.sections.tickets import PresentTickets
from portal.configuration.sections.watch_rules import watch_rule_data
from portal.distribution.models import OrganizationReportSchedule, ReportSchedule
from portal.notify.models import Channel
from portal.reports.branding.selectors import current_brandings
from portal.reports.models import ReportBranding
from portal.retention.kinds import CUSTOMER_KINDS
from portal.retention.kinds import KINDS as KINDS_OF_DATA
from portal.retention.kinds import Kind as DataKind
from portal.retention.selectors import chosen_of, organization_chosen
from portal.treatment.models import OwnerRule
from tenants.models import ExclusionRule, Organization, Person, Tenant
from tenants.models.tenant import DUE_DAYS

type Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Present:
    """The settings of an organization and some of its customers.

    The settings of a customer are stored under the customer's id. In `people`, `report_schedules` and `retention`, the
    settings of the organization are stored under None.
    """

    organization: Organization
    tenants: dict[str, Tenant]
    people: dict[UUID | None, dict[AccessKey, Access]]
    schedules: dict[UUID, str]
    watches: dict[UUID, bool | None]
    """For each customer, whether the watch is switched on (True) or off (False). None means that the organization's
    setting applies.
    """
    parameters: dict[UUID, dict[str, Values]]
    controls: PresentControls
    rules: dict[UUID, list[OwnerRule]]
    exclusion_rules: dict[UUID, list[ExclusionRule]]
    watch_rules: dict[UUID, list[WatchRule]]
    """The customer's own watch rules, and the shipped watch rules whose settings the customer has changed at least
    once.
    """
    channels: dict[UUID, list[Channel]]
    report_schedules: dict[UUID | None, list[ReportSchedule | OrganizationReportSchedule]]
    recipient_emails: dict[UUID, str]
    """The email addresses of the recipients of report schedules, by account id. Only recipients with an account have an
    entry.
    """
    brandings: list[ReportBranding]
    """The brandings of the organization. The logos are not loaded."""
    tickets: PresentTickets
    retention: dict[UUID | None, dict[str, str]]
    """The chosen retention periods by customer. The periods of the organization have the key None. A kind of data
    without an entry has the default period.
    """

    @classmethod
    def load(cls, organization: Organization, tenants: Iterable[Tenant]) -> Present:
        """Load the settings with a fixed number of queries. Needs the organization's scope."""
        by_slug = {tenant.slug: tenant for tenant in tenants}
        ids = [tenant.pk for tenant in by_slug.values()]
        parameters: dict[UUID, dict[str, Values]] = defaultdict(dict)
        for setting in ControlSetting.objects.filter(tenant__in=ids).order_by("control"):
            if values := _known_values(setting):
                parameters[setting.tenant_id][setting.control] = values
        rules: dict[UUID, list[OwnerRule]] = defaultdict(list)
        for rule in (
            OwnerRule.objects.filter(tenant__in=ids)
            .select_related("owner", "tenant")
            .order_by("position", "id")
        ):
            rules[rule.tenant_id].append(rule)
        excluding: dict[UUID, list[ExclusionRule]] = defaultdict(list)
        found = ExclusionRule.objects.filter(tenant__in=ids).select_related("tenant")
        for one in found.order_by("created_at", "pk"):
            excluding[one.tenant_id].append(one)
        watching: dict[UUID, list[WatchRule]] = defaultdict(list)
        for caught in (
            WatchRule.objects.filter(tenant__in=ids).select_related("tenant").order_by("name", "pk")
        ):
            watching[caught.tenant_id].append(caught)
        chosen = chosen_of(ids)
        retention: dict[UUID | None, dict[str, str]] = {None: organization_chosen(organization)}
        retention |= {tenant.pk: chosen.get(tenant.pk, {}) for tenant in by_slug.values()}
        channels: dict[UUID, list[Channel]] = defaultdict(list)
        rows = Channel.objects.filter(tenant__in=ids).select_related("tenant").defer("address", "secret")
        for channel in rows.order_by("name", "pk"):
            channels[channel.tenant_id].append(channel)
        reports = _report_schedules(organization, ids)
        timed = list(Schedule.objects.filter(tenant__in=ids))
        return cls(
            organization=organization,
            tenants=by_slug,
            people=present_access(organization, ids),
            schedules={row.tenant_id: wanted_of(row) for row in timed},
            watches={row.tenant_id: row.watch for row in timed},
            parameters=parameters,
            controls=PresentControls.load(ids),
            rules=rules,
            exclusion_rules=excluding,
            watch_rules=watching,
            channels=channels,
            report_schedules=reports,
            recipient_emails=_emails(reports),
            brandings=current_brandings(organization),
            tickets=PresentTickets.load(organization),
            retention=retention,
        )

    def data(self) -> Values:
        """Return all these settings in the form of a configuration file."""
        organization: Values = {
            "short_name": self.organization.slug,
            "name": self.organization.name,
            "time_zone": self.organization.timezone,
            "report_paper": self.organization.report_paper,
            "report_language": self.organization.report_language,
            "report_link_days": self.organization.report_link_days,
            "schedule": self.organization.default_schedule or OFF,
            "watch": WORDS[self.organization.watch_by_default],
            "retention": self.retention_of(None, KINDS_OF_DATA.values()),
            "report_branding": branding_data(self.brandings),
            "report_schedules": self.report_schedules_of(None),
            "ticket_systems": self.tickets.system_data(),
            "ticket_rules": self.tickets.rule_data(),
            "people": self._people_of(None),
        }
        customers = [self.customer(tenant) for tenant in self.tenants.values()]
        return {"version": VERSION, "organization": organization, "customers": customers}

    def customer(self, tenant: Tenant) -> Values:
        settings = self.customer_settings(tenant)
        return {
            "short_name": tenant.slug,
            "name": tenant.name,
            "time_zone": tenant.timezone,
            "labels": list(tenant.labels),
            "schedule": settings.schedule,
            "watch": WORDS[settings.watch],
            "policy": {
                "exception_cap_days": tenant.exception_cap_days,
                "due_days": {
                    severity: tenant.due_days.get(severity, days) for severity, days in DUE_DAYS.items()
                },
            },
            "retention": dict(settings.retention),
            "parameters": dict(settings.parameters),
            **self.controls.data(tenant.pk),
            "owner_rules": [owner_rule_data(rule) for rule in self.rules.get(tenant.pk, [])],
            "exclusion_rules": [exclusion_rule_data(row) for row in self.exclusion_rules.get(tenant.pk, [])],
            "watch_rules": [
                data for row in self.watch_rules.get(tenant.pk, []) if (data := watch_rule_data(row))
            ],
            "channels": [channel_data(row) for row in self.channels.get(tenant.pk, [])],
            "report_schedules": self.report_schedules_of(tenant.pk),
            "people": self._people_of(tenant.pk),
            "credentials": SECRET,
        }

    def customer_settings(self, tenant: Tenant) -> CustomerSettings:
        return CustomerSettings(
            schedule=self.schedules.get(tenant.pk, DEFAULT),
            watch=self.watches.get(tenant.pk),
            retention=self.retention_of(tenant.pk, CUSTOMER_KINDS),
            parameters=self.parameters.get(tenant.pk, {}),
        )

    def retention_of(self, place: UUID | None, kinds: Iterable[DataKind]) -> Values:
        """Return the retention periods of these kinds of data in the form of a configuration file: “default” for a kind
        without a chosen period. `place` is the id of a customer, or None for the organization.
        """
        chosen = self.retention.get(place, {})
        texts = {kind.key: chosen.get(kind.key, "default") for kind in kinds}
        return {key: int(text) if text.isdigit() else text for key, text in texts.items()}

    def report_schedules_of(self, place: UUID | None) -> list[Values]:
        """Return the report schedules in the form of a configuration file. `place` is the id of a customer, or None for
        the organization.
        """
        rows = self.report_schedules.get(place, [])
        return [report_schedule_data(row, self.recipient_emails) for row in rows]

    def digest(self, wanted: Mapping[str, Any]) -> str:
        """Return the SHA-256 of the present values of everything that a file states. If other settings change, the
        digest stays the same.
        """
        data = self.data()
        stated = {
            "organization": _only(data["organization"], wanted["organization"]),
            "customers": [
                _only(self.customer(self.tenants[one["short_name"]]), one)
                for one in wanted.get("customers", [])
                if one["short_name"] in self.tenants
            ],
        }
        return hashlib.sha256(json.dumps(stated, sort_keys=True).encode()).hexdigest()

    def _people_of(self, place: UUID | None) -> list[Values]:
        found = sorted(self.people.get(place, {}).values(), key=lambda one: (one.key.email, one.key.role))
        return [access_data(one) for one in found]


def _report_schedules(
    organization: Organization, tenant_ids: Sequence[UUID]
) -> dict[UUID | None, list[ReportSchedule | OrganizationReportSchedule]]:
    """Return the report schedules by customer id, and the schedules of the organization under None.

    If a schedule of the organization applies to a customer, the customer has a copy of it. Such copies are left out,
    because they are not settings of the customer.
    """
    found: dict[UUID | None, list[ReportSchedule | OrganizationReportSchedule]] = defaultdict(list)
    found[None].extend(OrganizationReportSchedule.objects.filter(organization=organization))
    for row in ReportSchedule.objects.filter(tenant__in=tenant_ids, origin=None):
        found[row.tenant_id].append(row)
    return found


def _emails(
    schedules: Mapping[UUID | None, Sequence[ReportSchedule | OrganizationReportSchedule]],
) -> dict[UUID, str]:
    wanted = {pk for rows in schedules.values() for row in rows for pk in row.people}
    rows = Person.objects.filter(pk__in=wanted).values_list("pk", "email")
    return {pk: email.lower() for pk, email in rows}


def _known_values(setting: ControlSetting) -> Values:
    """Return the stored values of a control's parameters. Leave out values of parameters that the control no longer has
    in this version of Surety.
    """
    control = catalogue().get(setting.control)
    known = {parameter.name for parameter in control.parameters} if control else set()
    return {name: value for name, value in setting.values.items() if name in known}


def _only(values: Values, stated: Mapping[str, Any]) -> Values:
    return {key: value for key, value in values.items() if key in stated}
