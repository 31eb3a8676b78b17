"""Update which exception covers a finding. The treatment of the finding stores this exception."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db.models import Case, F, IntegerField, Q, When
from django.db.models.functions import Greatest

from portal.treatment.bulk import Constant, bulk_insert
from portal.treatment.models import ExceptionItem, FindingException, Treatment
from tenants.models import Tenant

_COVER_COLUMNS: Final = ("exception", "excepted_sha256", "excepted_from", "excepted_until")


def recompute_covers(*, tenant: Tenant, now: datetime) -> int:
    """Update the cover of each finding from the tenant's exceptions; return how many covers changed.

    If a finding is in several exceptions, choose from those that cover the finding at the time `now` or, if none of
    them does, from all. The exception that ends last becomes the cover.
    """
    wanted: dict[Any, tuple[Any, ...]] = {
        row[0]: row[1:]
        for row in ExceptionItem.objects.filter(
            tenant=tenant,
            exception__state__in=FindingException.COVERING,
            exception__ends_at__gt=now,
        )
        .exclude(approved_sha256="")
        .annotate(
            begins=Greatest("exception__starts_at", "approved_at"),
            rank=Case(
                When(Q(exception__starts_at__lte=now, approved_sha256=F("finding__observed_sha256")), then=0),
                default=1,
                output_field=IntegerField(),
            ),
        )
        .order_by("finding_id", "rank", "-exception__ends_at", "exception__number")
        .distinct("finding_id")
        .values_list("finding_id", "exception_id", "approved_sha256", "begins", "exception__ends_at")
    }
    present: dict[Any, tuple[Any, ...]] = {
        row[0]: row[1:]
        for row in Treatment.objects.filter(tenant=tenant, excepted_until__isnull=False).values_list(
            "finding_id", "exception_id", "excepted_sha256", "excepted_from", "excepted_until"
        )
    }
    changed = sorted(pk for pk, cover in wanted.items() if present.get(pk) != cover)
    if changed:
        exceptions, hashes, begins, ends = zip(*(wanted[pk] for pk in changed), strict=True)
        bulk_insert(
            Treatment,
            {
                "tenant": Constant(tenant),
                "finding": changed,
                "exception": exceptions,
                "excepted_sha256": hashes,
                "excepted_from": begins,
                "excepted_until": ends,
            },
            unique="finding",
            update=_COVER_COLUMNS,
        )
    ended = present.keys() - wanted.keys()
    if ended:
        Treatment.objects.filter(tenant=tenant, finding__in=ended).update(
            exception=None, excepted_sha256="", excepted_from=None, excepted_until=None
        )
    return len(changed) + len(ended)
