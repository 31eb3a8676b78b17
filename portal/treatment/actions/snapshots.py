"""Taking down how a tenant stands, once a day and whenever something has changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from django.db import connection, transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from assessments.models import Assessment, Finding, FindingChange
from portal.treatment.locks import lock_treatments
from portal.treatment.models import Snapshot
from portal.treatment.selectors.scores import verdicts, with_treatment
from tenants.models import Tenant

_DECIDED_OTHERWISE = ["pass", "not_applicable", "manual", "gone"]


@transaction.atomic
def take_snapshot(*, tenant: Tenant, now: datetime | None = None, through: int | None = None) -> Snapshot:
    """Write the row of the (UTC) day of `now`, over the one that is there. The tenant's scope must be open.

    The figures are of this moment. Taken twice with nothing between, it writes the same row twice. One at a
    time: whoever counted first must not write over what was counted later. `through`: the number of the last
    assessment whose news are told, where that is not the last that has ended.
    """
    # What people do meanwhile is in the figures or comes after them, and calls for new ones.
    lock_treatments(tenant.pk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 19))", [str(tenant.pk)])
    now = now or timezone.now()
    day = now.astimezone(UTC).date()
    # Before anything is counted: what ends in between is then not said to be in it, and is taken in next time.
    if through is None:
        ended = Assessment.objects.filter(tenant=tenant, ended_at__isnull=False)
        through = ended.aggregate(last=Max("number"))["last"] or 0
    held = Snapshot.objects.filter(tenant=tenant).aggregate(last=Max("through"))["last"] or 0
    counts = verdicts([tenant.pk])
    found = with_treatment([tenant], counts, now)[tenant.pk]
    opened, closed = _moved(tenant, day)
    row, _ = Snapshot.objects.update_or_create(
        tenant=tenant,
        day=day,
        defaults={
            "taken_at": now,
            "through": max(through, held),
            "score": found.raw["score"],
            "adjusted": found.adjusted["score"],
            "coverage": found.raw["coverage"],
            "states": found.states,
            "open_by_severity": found.adjusted["open"],
            "overdue": found.overdue_total,
            "opened": opened,
            "closed": closed,
            "verdicts": [[*key, number] for key, number in sorted(counts[tenant.pk].items())],
        },
    )
    Snapshot.objects.filter(tenant=tenant, day__lt=day).exclude(verdicts=[]).update(verdicts=[])
    return row


def _moved(tenant: Tenant, day: date) -> tuple[int, int]:
    """How many findings began to fail that day, and how many ceased to.

    What could not be judged in between has failed all along (`Finding.failing_since`), so that
    fail → unknown → fail neither closes nor opens, and fail → unknown → pass closes once.
    """
    start = datetime.combine(day, time.min, UTC)
    end = start + timedelta(days=1)
    # By the assessments that ran that day: changes are found by assessment, not by their time.
    ran = Assessment.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__gte=start), tenant=tenant, created_at__lt=end
    )
    changes = FindingChange.objects.filter(
        tenant=tenant, assessment__in=ran.values("pk"), at__gte=start, at__lt=end
    )
    began = changes.filter(after_outcome="fail").exclude(before_outcome="fail")
    failed_all_along = Q(before_outcome="unknown", finding__failing_since__lt=F("at"))
    ceased = Q(before_outcome="fail", after_outcome__in=_DECIDED_OTHERWISE) | Q(
        before_outcome="unknown", after_outcome="pass", finding__state=Finding.State.RESOLVED
    )
    return began.exclude(failed_all_along).count(), changes.filter(ceased).count()
