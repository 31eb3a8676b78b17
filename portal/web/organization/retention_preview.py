"""Preview how much customer data and how many ended sessions an organization's retention periods would delete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from portal.accounts.actions.ended_sessions import SESSIONS, count_older_sessions
from portal.retention.actions.policy import DEFAULT, KEEP
from portal.retention.actions.runs import NOTICES, RUN_KINDS, request_run
from portal.retention.kinds import KINDS, MAX_DAYS
from portal.retention.models import RetentionRun
from portal.retention.selectors import Period, chosen_of
from portal.web.shared.forms.retention import days_label
from portal.web.shared.visible import person
from tenants.models import Organization, Tenant

_PARAMETER = "preview"


@dataclass(slots=True)
class Preview:
    """The sums of the newest previews of an organization's customers.

    `customers` is the number of customers that have a preview. `finished` is the number of previews that have ended,
    including the `failed` previews. `rows` has the sums for each kind of data.
    """

    customers: int = 0
    finished: int = 0
    failed: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_active(self) -> bool:
        return self.finished < self.customers


def request_previews(organization: Organization, wanted: Mapping[str, str]) -> str:
    """Request a preview for each customer. Return the query string with which the page shows the sums of the previews.

    If a customer has its own period, the preview uses this period instead of the chosen period.
    """
    tenants = list(Tenant.objects.filter(organization=organization).order_by("pk"))
    own = chosen_of([tenant.pk for tenant in tenants])
    days = {key: days_of(key, text) for key, text in wanted.items() if key in RUN_KINDS}
    for tenant in tenants:
        chosen = {key: value for key, value in days.items() if key not in own.get(tenant.pk, {})}
        request_run(tenant=tenant, by=person(), dry_run=True, kinds=list(days), days=chosen)
    return urlencode({_PARAMETER: "1", **wanted})


def previewed(query: QueryDict, periods: Sequence[Period]) -> dict[str, str] | None:
    """Return the periods of which the URL requests a preview, as {kind of data: chosen period}. Invalid choices are
    left out. If the URL requests no preview, return None.
    """
    if _PARAMETER not in query:
        return None
    found = {}
    for period in periods:
        text = query.get(period.kind.key, "")
        is_number = text.isascii() and text.isdigit() and period.kind.minimum <= int(text[:9]) <= MAX_DAYS
        if text in (DEFAULT, KEEP) or is_number:
            found[period.kind.key] = text
    return found


def preview_of(organization: Organization, wanted: Mapping[str, str]) -> Preview:
    """Add up the results of the customers' newest previews. For sessions, count the ended sessions that are older than
    the chosen period.
    """
    runs = RetentionRun.objects.filter(tenant__organization=organization, dry_run=True)
    runs = runs.exclude(state=RetentionRun.State.CANCELLED)
    newest = list(runs.order_by("tenant_id", "-created_at", "-pk").distinct("tenant_id"))
    found = Preview(
        customers=len(newest),
        finished=sum(not run.is_active for run in newest),
        failed=sum(run.state == RetentionRun.State.FAILED for run in newest),
    )
    for key in (*RUN_KINDS, SESSIONS):
        if key not in wanted:
            continue
        results = [run.results[key] for run in newest if key in run.results]
        row = {
            "label": KINDS[key].label,
            "period": days_label(days_of(key, wanted[key])),
            "rows": sum(result["rows"] for result in results),
            "bytes": sum(result["bytes"] for result in results),
            "kept": sum(sum(result["kept"].values()) for result in results),
        }
        if key == SESSIONS:
            row["rows"] = count_older_sessions(organization, days_of(key, wanted[key]))
        row["has_size"] = key not in (SESSIONS, NOTICES)
        found.rows.append(row)
    return found


def days_of(key: str, text: str) -> int | None:
    """Return the retention period of a choice in days, or None if the choice means “without limit”."""
    return KINDS[key].default if text == DEFAULT else None if text == KEEP else int(text)
