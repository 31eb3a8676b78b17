"""The present settings of an organization and its customers, as a configuration file states them."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from assessments.actions.schedules import wanted_of
from assessments.actions.watch.settings import WORDS
from assessments.controls.registry import catalogue
from assessments.models import ControlSetting, Schedule
from assessments.timing.schedules import DEFAULT, OFF
from portal.changes.models import WatchRule
from portal.configuration.moments import text_of
from portal.configuration.schema import SECRET, VERSION
from portal.configuration.sections.controls import PresentControls
from portal.configuration.sections.exclusion_rules import exclusion_rule_data
from portal.configuration.sections.report_settings import branding_data
from portal.configuration.sections.tickets import PresentTickets
from portal.configuration.sections.watch_rules import watch_rule_data
from portal.distribution.actions.schedules import needs_framework
from portal.distribution.models import OrganizationReportSchedule, ReportSchedule
from portal.notify.kinds import KINDS
from portal.notify.models import Channel
from portal.reports.branding.selectors import current_brandings
from portal.reports.models import ReportBranding
from portal.retention.kinds import CUSTOMER_KINDS
from portal.retention.kinds import KINDS as KINDS_OF_DATA
from portal.retention.kinds import Kind as DataKind
from portal.retention.selectors import chosen_of, organization_chosen
from portal.treatment.matching import FIELDS
from portal.treatment.models import OwnerRule
from tenants.auditors.review_periods import ReviewPeriod
from tenants.models import ExclusionRule, Invitation, Membership, Organization, Person, Tenant
from tenants.models.tenant import DUE_DAYS
from tenants.selectors import open_invitations, organization_memberships

type Values = dict[str, Any]


class AccessKey(NamedTuple):
    """The values that identify a person's access at one customer or organization. `starts` is None for access that has
    started.
    """

    email: str
    role: str
    starts: datetime | None


@dataclass(slots=True)
class Access:
    """A person's access to one customer or to the organization: memberships that have not ended, and open
    invitations.
    """

    key: AccessKey
    memberships: list[Membership] = field(default_factory=list)
    invitations: list[Invitation] = field(default_factory=list)

    @property
    def until(self) -> datetime | None:
        """When the access ends: the latest end of the memberships. If there are no memberships, the latest end of the
        invitations. None if the access has no end.
        """
        ends = [row.valid_until for row in self.memberships] or [row.access_until for row in self.invitations]
        return None if None in ends else max(end for end in ends if end is not None)

    @property
    def reviews(self) -> list[ReviewPeriod | None]:
        """The different review periods of an auditor's memberships or, if there are no memberships, of the invitations.
        None in the list means that the auditor may read all records.
        """
        rows = self.memberships or self.invitations
        return list(dict.fromkeys(row.review_period for row in rows))

    @property
    def review(self) -> ReviewPeriod | None:
        """The auditor's review period: None (all records) if `reviews` has None, otherwise the first of `reviews`."""
        return None if None in self.reviews else self.reviews[0]

    @property
    def reviews_in_words(self) -> str:
        return " and ".join(str(one or "all records") for one in self.reviews)


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
    """Whether customers have switched the watch on or off; None follows the organization."""
    parameters: dict[UUID, dict[str, Values]]
    controls: PresentControls
    rules: dict[UUID, list[OwnerRule]]
    exclusion_rules: dict[UUID, list[ExclusionRule]]
    watch_rules: dict[UUID, list[WatchRule]]
    """The customer's own rules, and the shipped rules that the customer has ever changed."""
    channels: dict[UUID, list[Channel]]
    report_schedules: dict[UUID | None, list[ReportSchedule | OrganizationReportSchedule]]
    recipient_emails: dict[UUID, str]
    """The addresses of the recipients of report schedules who have an account."""
    brandings: list[ReportBranding]
    """The brandings of the organization, without their logos."""
    tickets: PresentTickets
    retention: dict[UUID | None, dict[str, str]]
    """The chosen retention periods by customer; the organization's periods are under None. Missing kinds of data have
    the default period.
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
            people=_people(organization, ids),
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
        """Return everything as a file contains it."""
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
        return {
            "short_name": tenant.slug,
            "name": tenant.name,
            "time_zone": tenant.timezone,
            "labels": list(tenant.labels),
            "schedule": self.schedules.get(tenant.pk, DEFAULT),
            "watch": WORDS[self.watches.get(tenant.pk)],
            "policy": {
                "exception_cap_days": tenant.exception_cap_days,
                "due_days": {
                    severity: tenant.due_days.get(severity, days) for severity, days in DUE_DAYS.items()
                },
            },
            "retention": self.retention_of(tenant.pk, CUSTOMER_KINDS),
            "parameters": self.parameters.get(tenant.pk, {}),
            **self.controls.data(tenant.pk),
            "owner_rules": [rule_data(rule) for rule in self.rules.get(tenant.pk, [])],
            "exclusion_rules": [exclusion_rule_data(row) for row in self.exclusion_rules.get(tenant.pk, [])],
            "watch_rules": [
                data for row in self.watch_rules.get(tenant.pk, []) if (data := watch_rule_data(row))
            ],
            "channels": [channel_data(row) for row in self.channels.get(tenant.pk, [])],
            "report_schedules": self.report_schedules_of(tenant.pk),
            "people": self._people_of(tenant.pk),
            "credentials": SECRET,
        }

    def retention_of(self, place: UUID | None, kinds: Iterable[DataKind]) -> Values:
        """Return the retention periods that a customer (or, for None, the organization) has chosen, as a file
        contains them.
        """
        chosen = self.retention.get(place, {})
        texts = {kind.key: chosen.get(kind.key, "default") for kind in kinds}
        return {key: int(text) if text.isdigit() else text for key, text in texts.items()}

    def report_schedules_of(self, place: UUID | None) -> list[Values]:
        """Return the report schedules of a customer (or, for None, of the organization), as a file contains
        them.
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
        return [_access_data(one) for one in found]


def rule_data(rule: OwnerRule) -> Values:
    """Return an owner rule as a file contains it, without its empty conditions."""
    conditions = {name: getattr(rule, name) for name in FIELDS if getattr(rule, name)}
    return {"name": rule.name, "owner": rule.owner.email, "enabled": rule.enabled, **conditions}


def channel_data(row: Channel) -> Values:
    """Return a channel as a file contains it, without its URL and secret."""
    return {
        "name": row.name,
        "kind": row.kind,
        "events": [key for key in row.kinds if key in KINDS],
        "enabled": row.enabled,
        "address": SECRET,
    }


def report_schedule_data(
    row: ReportSchedule | OrganizationReportSchedule, emails: Mapping[UUID, str]
) -> Values:
    """Return a report schedule as a file contains it. `recipients` has the email addresses of all recipients,
    with and without an account.
    """
    people = [emails[pk] for pk in row.people if pk in emails]
    found: Values = {"name": row.name, "when": row.timetable, "kind": row.kind}
    if needs_framework(row.kind):
        found["framework"] = row.framework
    if row.paper:
        found["paper"] = row.paper
    if row.language:
        found["language"] = row.language
    found["classification"] = row.classification
    found["without_names"] = row.without_names
    found["recipients"] = sorted({*people, *(entry["address"] for entry in row.addresses)})
    found["enabled"] = row.enabled
    if isinstance(row, OrganizationReportSchedule) and row.label:
        found["label"] = row.label
    return found


def _report_schedules(
    organization: Organization, tenant_ids: Sequence[UUID]
) -> dict[UUID | None, list[ReportSchedule | OrganizationReportSchedule]]:
    """Return the schedules by customer id, and the organization's under None.

    Customers' copies of the organization's schedules are left out, because the customers do not set them.
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


def _access_data(access: Access) -> Values:
    found: Values = {"email": access.key.email, "role": access.key.role}
    if access.key.starts is not None:
        found["from"] = text_of(access.key.starts, end=False)
    if access.until is not None:
        found["until"] = text_of(access.until, end=True)
    if access.review is not None:
        found["review_first"] = access.review.first.isoformat()
        found["review_last"] = access.review.last.isoformat()
    return found


def _people(
    organization: Organization, tenant_ids: Sequence[UUID]
) -> dict[UUID | None, dict[AccessKey, Access]]:
    now = timezone.now()
    places = Q(tenant__isnull=True) | Q(tenant__in=tenant_ids)
    found: dict[UUID | None, dict[AccessKey, Access]] = defaultdict(dict)
    rows = organization_memberships(organization).filter(places).select_related("organization")
    for row in rows:
        starts = row.valid_from if row.valid_from > now else None
        key = AccessKey(row.person.email, str(row.role), starts)
        found[row.tenant_id].setdefault(key, Access(key)).memberships.append(row)
    for invitation in open_invitations(organization=organization).filter(places):
        starts = invitation.access_from
        key = AccessKey(
            invitation.email, str(invitation.role), starts if starts is not None and starts > now else None
        )
        found[invitation.tenant_id].setdefault(key, Access(key)).invitations.append(invitation)
    return found


def _known_values(setting: ControlSetting) -> Values:
    """Return the values of the parameters that the control has in this version of Surety. Values that an earlier
    version stored for other parameters are left out.
    """
    control = catalogue().get(setting.control)
    known = {parameter.name for parameter in control.parameters} if control else set()
    return {name: value for name, value in setting.values.items() if name in known}


def _only(values: Values, stated: Mapping[str, Any]) -> Values:
    return {key: value for key, value in values.items() if key in stated}
