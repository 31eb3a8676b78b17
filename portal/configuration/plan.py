"""Determine what applying a configuration file would change, or why the file cannot be applied."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from assessments.actions.schedules import normalized, set_default_schedule
from assessments.actions.watch.settings import WORDS, set_default_watch
from assessments.timing.schedules import OFF
from portal.configuration.changes import invite_all, refusal, refused_offers, run_step
from portal.configuration.locks import attempted, busy, lock_for, locked_by
from portal.configuration.present import Present
from portal.configuration.problems import MAX_PROBLEMS, Problem, UnusableFile
from portal.configuration.schema import nearest, problems
from portal.configuration.sections.channels import plan_channels
from portal.configuration.sections.controls import plan_controls
from portal.configuration.sections.customer import plan_customer, plan_retention
from portal.configuration.sections.exclusion_rules import plan_exclusion_rules
from portal.configuration.sections.owner_rules import plan_rules
from portal.configuration.sections.people import plan_people
from portal.configuration.sections.report_schedules import plan_report_schedules
from portal.configuration.sections.report_settings import plan_report_settings
from portal.configuration.sections.tickets import plan_tickets
from portal.configuration.sections.watch_rules import plan_watch_rules
from portal.configuration.steps import Draft, Kind, Plan
from portal.configuration.yaml_text import Path, read
from portal.retention.actions.policy import set_organization_periods
from portal.retention.kinds import KINDS as KINDS_OF_DATA
from tenants.actions._inputs import validate_name, validate_timezone
from tenants.actions.organizations import (
    rename_organization,
    set_organization_timezone,
)
from tenants.actors import Actor
from tenants.errors import SuretyError
from tenants.models import Membership, Organization, Tenant


def plan(content: bytes, *, organization: Organization, by: Actor, most: int | None = None) -> Plan:
    """Return what applying a file would change now. Nothing is changed. Needs the organization's scope.

    To find steps that would be refused, every step is tried and then undone. If the file has problems, raise
    UnusableFile with the first problems and their lines. Also raise UnusableFile if applying the file would write more
    than `most` journal entries. Raise Conflict (busy) if others change the same settings at this moment.
    """

    def attempt() -> Plan:
        found = compare_locked(content, organization=organization, by=by, most=most)
        if refused := rehearse(found, by):
            raise UnusableFile(refused)
        transaction.set_rollback(True)  # The rollback also releases the locks.
        return found

    return attempted(attempt)


def compare_locked(content: bytes, *, organization: Organization, by: Actor, most: int | None = None) -> Plan:
    """Return the differences between a file and the present settings. Lock these settings until the
    transaction ends.
    """
    first = compare(content, organization=organization, by=by)
    _refuse_above(most, first, organization)
    organization = lock_for(first.changes, organization)
    found = compare(content, organization=organization, by=by)
    _refuse_above(most, found, organization)
    if not locked_by(found.changes) <= locked_by(first.changes):
        raise busy()
    return found


def _refuse_above(most: int | None, found: Plan, organization: Organization) -> None:
    """Raise UnusableFile if applying the plan would write more than `most` journal entries. Writing so many
    entries would keep other people from changing settings for too long.
    """
    if most is None:
        return
    everywhere = 1 + Tenant.objects.filter(organization=organization).count()
    if sum(step.entries * (everywhere if step.everywhere else 1) for step in found.changes) > most:
        text = (
            f"Applying the file on this page would write more than {most:,} entries in the journals. Split the file, or"
            " apply it with the command “manage.py configuration”."
        )
        raise UnusableFile([Problem(0, text)])


def compare(content: bytes, *, organization: Organization, by: Actor) -> Plan:
    """Return the differences between a file and the present settings, without trying to make the changes.

    Raise UnusableFile with the problems that are found.
    """
    document = read(content)
    if contradictions := problems(document):
        raise UnusableFile(contradictions)
    data: Mapping[str, Any] = document.data
    draft = Draft(document, _known(organization), by)
    tenants = _tenants(draft, data, organization)
    present = Present.load(organization, tenants.values())
    _plan_organization(draft, present, data["organization"])
    positions = {one["short_name"]: number for number, one in enumerate(data.get("customers", []))}
    # Sort the steps in the order in which `tenants.actions.members.record` locks journals, so that two transactions
    # cannot deadlock.
    for tenant in sorted(tenants.values(), key=lambda one: one.pk):
        number = positions[tenant.slug]
        _plan_tenant(draft, present, tenant, data["customers"][number], ("customers", number))
    if draft.problems:
        raise UnusableFile(draft.problems)
    return Plan(draft.steps, present.digest(data), organization, list(tenants.values()))


def rehearse(found: Plan, by: Actor) -> list[Problem]:
    """Try every step, roll all of them back, and return a problem for each step that was refused."""
    refused = refused_offers(found, by)[:MAX_PROBLEMS]
    with transaction.atomic():
        if not refused:
            invite_all(found, by)
        for step in found.changes:
            if step.offer is not None:
                continue
            if len(refused) >= MAX_PROBLEMS:
                break
            try:
                with transaction.atomic():
                    run_step(step, by)
            except SuretyError as error:
                refused.append(refusal(step, error))
        transaction.set_rollback(True)
    return refused


def _tenants(draft: Draft, data: Mapping[str, Any], organization: Organization) -> dict[str, Tenant]:
    """Return the customers in the file by short name. Add a problem for each short name that is
    unknown or listed twice.
    """
    if data["organization"]["short_name"] != organization.slug:
        text = f"This file is for another organization. The short name of this organization is “{organization.slug}”."
        raise UnusableFile([Problem(draft.document.line(("organization", "short_name")), text)])
    registered = {tenant.slug: tenant for tenant in Tenant.objects.filter(organization=organization)}
    found: dict[str, Tenant] = {}
    for number, one in enumerate(data.get("customers", [])):
        slug, here = one["short_name"], ("customers", number, "short_name")
        if slug not in registered:
            guess = nearest(slug, registered)
            draft.problem(
                here, f"No customer has the short name “{slug}”.{guess or ' Register the customer first.'}"
            )
        elif slug in found:
            draft.problem(here, f"The customer “{slug}” is already listed above. Merge the two entries.")
        else:
            found[slug] = registered[slug]
    return found


def _known(organization: Organization) -> dict[str, Any]:
    """Return the active people who have a role now or later, by email address. All other people must accept an
    invitation before they get a role.
    """
    lasting = Q(valid_until=None) | Q(valid_until__gt=timezone.now())
    rows = Membership.objects.filter(lasting, organization=organization).select_related("person")
    return {row.person.email: row.person for row in rows if row.person.is_active}


def _plan_organization(draft: Draft, present: Present, wanted: Mapping[str, Any]) -> None:
    organization, path = present.organization, ("organization",)
    if "name" in wanted:
        with draft.refusals((*path, "name")):
            name = validate_name(wanted["name"], organization.name)
            if name != organization.name:
                draft.add(
                    organization.name,
                    (*path, "name"),
                    Kind.CHANGE,
                    f"Name: {organization.name} → {name}",
                    lambda by: rename_organization(by=by, organization=organization, name=name),
                )
    if "time_zone" in wanted:
        with draft.refusals((*path, "time_zone")):
            zone = validate_timezone(wanted["time_zone"])
            if zone != organization.timezone:
                draft.add(
                    organization.name,
                    (*path, "time_zone"),
                    Kind.CHANGE,
                    f"Time zone: {organization.timezone} → {zone}",
                    lambda by: set_organization_timezone(by=by, organization=organization, name=zone),
                )
    if "schedule" in wanted:
        with draft.refusals((*path, "schedule")):
            text, before = normalized(wanted["schedule"], words=(OFF,)), organization.default_schedule or OFF
            if text != before:
                draft.add(
                    organization.name,
                    (*path, "schedule"),
                    Kind.CHANGE,
                    f"Default schedule: {before} → {text}",
                    lambda by: set_default_schedule(organization=organization, by=by, wanted=text),
                )
    if "watch" in wanted:
        chosen, before = wanted["watch"], WORDS[organization.watch_by_default]
        if chosen != before:
            draft.add(
                organization.name,
                (*path, "watch"),
                Kind.CHANGE,
                f"Watch between assessments by default: {before} → {chosen}",
                lambda by: set_default_watch(organization=organization, by=by, wanted=chosen == WORDS[True]),
            )
    if "retention" in wanted:
        plan_retention(
            draft,
            organization.name,
            present.retention_of(None, KINDS_OF_DATA.values()),
            wanted["retention"],
            (*path, "retention"),
            partial(_set_organization_periods, organization),
        )
    plan_report_settings(draft, organization, present.brandings, wanted, path)
    if "report_schedules" in wanted:
        here = (*path, "report_schedules")
        plan_report_schedules(
            draft,
            present.report_schedules.get(None, []),
            present.recipient_emails,
            organization,
            wanted["report_schedules"],
            here,
        )
    plan_tickets(draft, present.tickets, organization, wanted, path)
    if "people" in wanted:
        plan_people(
            draft,
            organization=organization,
            tenant=None,
            present=present.people.get(None, {}),
            entries=wanted["people"],
            path=(*path, "people"),
        )


def _set_organization_periods(
    organization: Organization, key: str, value: int | str, before: int | str, by: Actor
) -> None:
    set_organization_periods(
        organization=organization, by=by, wanted={key: value}, expected={key: str(before)}
    )


def _plan_tenant(
    draft: Draft, present: Present, tenant: Tenant, wanted: Mapping[str, Any], path: Path
) -> None:
    if "people" in wanted:
        plan_people(
            draft,
            organization=present.organization,
            tenant=tenant,
            present=present.people.get(tenant.pk, {}),
            entries=wanted["people"],
            path=(*path, "people"),
        )
    plan_customer(draft, present.customer_settings(tenant), tenant, wanted, path)
    plan_controls(draft, present.controls, tenant, wanted, path)
    parts = {
        "owner_rules": partial(plan_rules, draft, present.rules.get(tenant.pk, []), tenant),
        "exclusion_rules": partial(
            plan_exclusion_rules, draft, present.exclusion_rules.get(tenant.pk, []), tenant
        ),
        "watch_rules": partial(plan_watch_rules, draft, present.watch_rules.get(tenant.pk, []), tenant),
        "channels": partial(plan_channels, draft, present.channels.get(tenant.pk, []), tenant),
        "report_schedules": partial(
            plan_report_schedules,
            draft,
            present.report_schedules.get(tenant.pk, []),
            present.recipient_emails,
            tenant,
        ),
    }
    for key, compared in parts.items():
        if key in wanted:
            compared(wanted[key], (*path, key))
