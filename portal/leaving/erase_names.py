"""Remove the names of an erased customer from the tables of its organization and of the other customers.

Rows that exist only to name customers are deleted: lines of imports, configuration files, saved views of lists. In the
text of all other rows, the names are replaced, except in settings, whose words Surety chooses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Exists, Field, JSONField, Model, OuterRef, TextField
from django.db.models.fields import CharField

from assessments.models import Unit
from portal.leaving.models import Erasure
from tenants.models import OrganizationOwned, Subscription

REPLACEMENT: Final = "[erased customer]"
_DELETED: Final = frozenset(
    {"configuration.ConfigurationFile", "imports.CustomerImportLine", "treatment.ListView"}
)
# The journal is redacted (`leaving_redact_customer`), and the register names no customer when the erasure has ended.
_KEPT: Final = frozenset({"tenants.OrganizationJournalEntry", Erasure._meta.label})
# Words of Surety that settings consist of. A customer can have one of them as its name.
_SETTINGS: Final = frozenset(
    {
        "treatment.Baseline.due_days",
        "treatment.Baseline.parameters",
        "treatment.Baseline.schedule",
        "treatment.BaselineChannel.kinds",
        "treatment.Campaign.control",
    }
)
_SETTINGS_OF_RULES: Final = frozenset({"control", "owner", "section", "severity"})


def remove_names(
    organization_id: UUID, tenant_id: UUID, needles: Mapping[str, Sequence[str]]
) -> dict[str, int]:
    """Delete or change the rows that name the customer. Return the number of deleted rows by table."""
    pattern = name_pattern(needles)
    deleted: dict[str, int] = {}
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
            row.save(update_fields=list(named))
    rows = _delegated(tenant_id, needles)
    if number := len(rows):
        # Without Django's cascade, for which the application's role lacks privileges: nothing refers to these rows.
        Subscription.objects.filter(pk__in=rows)._raw_delete(DEFAULT_DB_ALIAS)
        deleted[Subscription._meta.db_table] = number
    return deleted


def name_pattern(needles: Mapping[str, Sequence[str]]) -> re.Pattern[str]:
    """Return a pattern that finds ids anywhere, and names as whole words, in any case."""
    ids = [re.escape(word) for word in needles.get("ids") or ()]
    names = [rf"(?<![^\W_]){re.escape(word)}(?![^\W_])" for word in needles.get("names") or ()]
    return re.compile("|".join(sorted([*ids, *names], key=len, reverse=True)), re.IGNORECASE)


def replaced(value: Any, replace: Callable[[str], str]) -> Any:
    """Return a JSON value with each text replaced, but not the settings of rules and the names of fields."""
    if isinstance(value, str):
        return replace(value)
    if isinstance(value, list):
        return [replaced(item, replace) for item in value]
    if isinstance(value, dict):
        return {
            key: item if key in _SETTINGS_OF_RULES else replaced(item, replace) for key, item in value.items()
        }
    return value


def _models() -> Iterator[type[Model]]:
    for model in sorted(apps.get_models(), key=lambda model: model._meta.label):
        if not issubclass(model, OrganizationOwned) or model._meta.label in _KEPT:
            continue
        if getattr(model, "append_only", False):
            continue  # Rows that nobody may change. They contain no text that people write.
        if not any(field.name == "tenant" for field in model._meta.concrete_fields):
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


def _delegated(tenant_id: UUID, needles: Mapping[str, Sequence[str]]) -> list[UUID]:
    """Return the subscriptions of this customer that service principals of other customers have seen.

    Subscriptions that were assessed there stay with the evidence of that customer.
    """
    rows = Subscription.objects.exclude(tenant=tenant_id).exclude(home_directory_id="")
    found = rows.filter(home_directory_id__in=needles.get("ids") or ())
    return list(
        found.exclude(Exists(Unit.objects.filter(subscription=OuterRef("pk")))).values_list("pk", flat=True)
    )
