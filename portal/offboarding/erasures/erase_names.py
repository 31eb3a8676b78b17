"""Remove the names of an erased customer from the tables of its organization and of the other customers.

Rows that exist only to name customers are deleted: lines of imports, configuration files, saved views. In other texts,
the names are replaced. Settings keep the names, because replacing a name in a setting would change what Surety does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Exists, Field, JSONField, Model, OuterRef, Q, TextField, UniqueConstraint
from django.db.models.fields import CharField

from assessments.models import Unit
from portal.distribution.models import OrganizationReportSchedule, ReportRun, ReportSchedule
from portal.offboarding.models import Erasure
from portal.reports.branding.retention import delete_unreferenced
from portal.reports.models import ReportBranding
from tenants.models import Delegation, Directory, OrganizationOwned, Subscription, Tenant

REPLACEMENT: Final = "[erased customer]"
_DELETED: Final = frozenset(
    {"configuration.ConfigurationFile", "imports.CustomerImportLine", "treatment.ListView"}
)
# Tables that are not changed here. The database function `leaving_redact_customer` redacts the journal. The register of
# erasures names the customer only while the erasure runs.
_KEPT: Final = frozenset({"tenants.OrganizationJournalEntry", Erasure._meta.label})
# Columns with settings. Names in these columns are not replaced. The columns contain values that Surety defines, labels
# that select customers, URLs, and email addresses.
_SETTINGS: Final = frozenset(
    {
        "distribution.OrganizationReportSchedule.addresses",
        "distribution.OrganizationReportSchedule.framework",
        "distribution.OrganizationReportSchedule.kind",
        "distribution.OrganizationReportSchedule.label",
        "distribution.OrganizationReportSchedule.timetable",
        "reports.ReportBranding.accent",
        "reports.ReportBranding.label",
        "reports.ReportBranding.logo_sha256",
        # The columns of `Delegation` contain facts from Azure about subscriptions of other customers. The columns of
        # `ManagingPrincipal` contain the data with which the organization signs in.
        "tenants.Delegation.home_directory_id",
        "tenants.Delegation.quota_id",
        "tenants.Delegation.state",
        "tenants.Delegation.subscription_id",
        "tenants.ManagingPrincipal.client_id",
        "tenants.ManagingPrincipal.cloud_name",
        "tenants.ManagingPrincipal.cloud_settings",
        "tenants.ManagingPrincipal.directory_id",
        "tenants.ManagingPrincipal.last_error_code",
        "tenants.ManagingPrincipal.noticed",
        "tenants.ManagingPrincipal.thumbprint",
        "tickets.TicketSystem.address",
        "tickets.TicketSystem.cursors",
        "tickets.TicketSystem.fields",
        "tickets.TicketSystem.kind",
        "tickets.TicketSystem.project",
        "treatment.Baseline.due_days",
        "treatment.Baseline.label",
        "treatment.Baseline.parameters",
        "treatment.Baseline.retention",
        "treatment.Baseline.schedule",
        "treatment.BaselineChannel.host",
        "treatment.BaselineChannel.kinds",
        "treatment.Campaign.control",
    }
)
_SETTINGS_OF_RULES: Final = frozenset({"control", "kinds", "owner", "section", "severity", "shipped"})


def remove_names(
    organization_id: UUID, tenant_id: UUID, needles: Mapping[str, Sequence[str]]
) -> dict[str, int]:
    """Delete or change the rows that name the customer. Return the number of deleted rows by table."""
    pattern = name_pattern(needles)
    deleted: dict[str, int] = {}
    if number := _delete_delegations(organization_id, tenant_id, needles):
        deleted[Delegation._meta.db_table] = number
    if number := _delete_brandings(organization_id, tenant_id):
        deleted[ReportBranding._meta.db_table] = number
    for model in _models():
        fields = [field for field in model._meta.concrete_fields if _has_text(field)]
        manager: Any = model._default_manager
        for row in manager.filter(organization=organization_id).iterator(chunk_size=500):
            texts = {field.attname: getattr(row, field.attname) for field in fields}
            named = {name: value for name, value in texts.items() if _names(pattern, value)}
            if not named:
                continue
            if model._meta.label in _DELETED:
                row.delete()
                deleted[model._meta.db_table] = deleted.get(model._meta.db_table, 0) + 1
                continue
            for name, value in named.items():
                setattr(row, name, replaced(value, lambda text: pattern.sub(REPLACEMENT, text)))
            _fit(row, list(named))
            row.save(update_fields=list(named))
            if isinstance(row, OrganizationReportSchedule):
                _rename_copies(row, pattern)
    rows = _foreign_subscriptions(tenant_id, needles)
    if number := len(rows):
        # Delete without Django's cascade, which would need privileges that the application's database role lacks. No
        # other rows refer to these rows.
        Subscription.objects.filter(pk__in=rows)._raw_delete(DEFAULT_DB_ALIAS)
        deleted[Subscription._meta.db_table] = number
    return deleted


def name_pattern(needles: Mapping[str, Sequence[str]]) -> re.Pattern[str]:
    """Return a pattern that finds ids anywhere, but names only as whole words. The pattern ignores case."""
    ids = [re.escape(word) for word in needles.get("ids") or ()]
    names = [rf"(?<![^\W_]){re.escape(word)}(?![^\W_])" for word in needles.get("names") or ()]
    return re.compile("|".join(sorted([*ids, *names], key=len, reverse=True)), re.IGNORECASE)


def replaced(value: Any, replace: Callable[[str], str]) -> Any:
    """Return a JSON value with `replace` applied to each text. Keys do not change, and the values of the keys in
    `_SETTINGS_OF_RULES` do not change either.
    """
    if isinstance(value, str):
        return replace(value)
    if isinstance(value, list):
        return [replaced(item, replace) for item in value]
    if isinstance(value, dict):
        return {
            key: item if key in _SETTINGS_OF_RULES else replaced(item, replace) for key, item in value.items()
        }
    return value


def _fit(row: Model, changed: Sequence[str]) -> None:
    """Shorten the changed texts of a row to the maximum lengths of their columns. If a unique constraint refuses the
    row, append a number to its first changed text, such as “Weekly 2”.
    """
    for name in changed:
        length = _length(row, name)
        if length and isinstance(getattr(row, name), str):
            setattr(row, name, getattr(row, name)[:length])
    for constraint in row._meta.constraints:
        if not isinstance(constraint, UniqueConstraint):
            continue
        names = [name for name in changed if name in constraint.fields]
        if not names:
            continue
        text, number = getattr(row, names[0]), 1
        while not _is_unique(constraint, row):
            number += 1
            end = f" {number}"
            length = _length(row, names[0]) or len(text) + len(end)
            setattr(row, names[0], text[: length - len(end)] + end)


def _length(row: Model, name: str) -> int | None:
    """Return the maximum number of characters of the column, or None if there is no maximum."""
    length: int | None = getattr(row._meta.get_field(name), "max_length", None)
    return length


def _is_unique(constraint: UniqueConstraint, row: Model) -> bool:
    try:
        constraint.validate(type(row), row)
    except ValidationError:
        return False
    return True


def _rename_copies(row: OrganizationReportSchedule, pattern: re.Pattern[str]) -> None:
    """Copy the name and classification of an organization's schedule to the customers' copies of this schedule.

    Also replace the schedule's name in the runs of these copies if it contains an erased name or id (`pattern`).
    """
    ReportSchedule.objects.filter(origin=row).update(name=row.name, classification=row.classification)
    runs = ReportRun.objects.filter(schedule__origin=row)
    for name in set(runs.order_by().values_list("schedule_name", flat=True)):
        if pattern.search(name):
            runs.filter(schedule_name=name).update(schedule_name=row.name)


def _models() -> Iterator[type[Model]]:
    for model in sorted(apps.get_models(), key=lambda model: model._meta.label):
        if not issubclass(model, OrganizationOwned) or model._meta.label in _KEPT:
            continue
        if getattr(model, "append_only", False):
            continue  # Rows of such tables never change. They contain no text that people write, so no names.
        if model is Delegation or not any(field.name == "tenant" for field in model._meta.concrete_fields):
            yield model


def _has_text(field: Field[Any, Any]) -> bool:
    return (
        isinstance(field, CharField | TextField | JSONField)
        and not field.choices
        and f"{field.model._meta.label}.{field.name}" not in _SETTINGS
    )


def _names(pattern: re.Pattern[str], value: Any) -> bool:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return bool(pattern.search(text))


def _delete_delegations(organization_id: UUID, tenant_id: UUID, needles: Mapping[str, Sequence[str]]) -> int:
    """Delete the delegated subscriptions that are assigned to the customer, and return their number.

    Also delete unassigned delegated subscriptions whose directory belongs to this customer only. If a subscription is
    still delegated in Azure, the next check for delegated subscriptions adds it again.
    """
    rows = Delegation.objects.filter(organization=organization_id)
    others = Directory.objects.filter(tenant__organization=organization_id).exclude(tenant=tenant_id)
    of_others = {str(guid).casefold() for guid in others.values_list("directory_id", flat=True)}
    own = {guid for guid in needles.get("ids") or () if guid.casefold() not in of_others}
    of_its_directories = Q(tenant=None, home_directory_id__in=own)
    return rows.filter(Q(tenant=tenant_id) | of_its_directories).delete()[0]


def _delete_brandings(organization_id: UUID, tenant_id: UUID) -> int:
    """Delete the brandings for labels that only this customer has, because such a label or branding may name the
    customer. Return the number of deleted versions of brandings.

    Keep a version if a report of another customer uses it.
    """
    labels: dict[UUID, list[str]] = dict(
        Tenant.objects.filter(organization=organization_id).values_list("pk", "labels")
    )
    of_others = {word.casefold() for pk, words in labels.items() if pk != tenant_id for word in words}
    own = {word.casefold() for word in labels.get(tenant_id, ())} - of_others
    rows = ReportBranding.objects.filter(organization=organization_id).exclude(label="")
    found = [pk for pk, label in rows.values_list("pk", "label") if label.casefold() in own]
    return delete_unreferenced(ReportBranding.objects.filter(pk__in=found))


def _foreign_subscriptions(tenant_id: UUID, needles: Mapping[str, Sequence[str]]) -> list[UUID]:
    """Return the ids of the foreign subscriptions that are listed for other customers, but belong to a directory of
    this customer. Surety lists such a subscription for every customer whose service principal sees it.

    Leave out a subscription that was assessed for another customer, because the evidence of that customer refers to it.
    """
    rows = Subscription.objects.exclude(tenant=tenant_id).exclude(home_directory_id="")
    found = rows.filter(home_directory_id__in=needles.get("ids") or ())
    return list(
        found.exclude(Exists(Unit.objects.filter(subscription=OuterRef("pk")))).values_list("pk", flat=True)
    )
