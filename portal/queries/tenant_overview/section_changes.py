"""Compute by how much the number of failing findings changed in the last 30 days, by section of the catalogue."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Q

from assessments.models import Assessment, Finding, FindingChange
from tenants.models import Tenant

PERIOD: Final = timedelta(days=30)

_FAIL: Final = Finding.Outcome.FAIL.value


def section_changes(tenant: Tenant, now: datetime) -> dict[str, int] | None:
    """Return {section: change of the number of failing findings in 30 days}, without unchanged sections. Sends two
    queries.

    Return None if no assessment ended more than 30 days ago.
    """
    ended = Assessment.objects.filter(tenant=tenant, ended_at__lte=now - PERIOD).order_by("-number")
    base = ended.values_list("number", flat=True).first()
    if base is None:
        return None
    began, ceased = Q(after_outcome=_FAIL) & ~Q(before_outcome=_FAIL), Q(before_outcome=_FAIL)
    later = Assessment.objects.filter(tenant=tenant, number__gt=base).values("pk")
    rows = (
        FindingChange.objects.filter(
            began | ceased & ~Q(after_outcome=_FAIL), tenant=tenant, assessment__in=later
        )
        .order_by()
        .values_list("finding__section")
        .annotate(began=Count("pk", filter=began), ceased=Count("pk", filter=ceased))
    )
    return {section: began - ceased for section, began, ceased in rows if began != ceased}
