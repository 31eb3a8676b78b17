"""Random findings of every kind, with and without treatment, from a seed."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from assessments.controls.registry import catalogue
from assessments.models import Finding, Resource
from portal.treatment.models import Treatment
from tenants.models import Person, Tenant

CONTROLS = (
    ("storage-secure-transfer", "storage", "high", 1),
    ("storage-anonymous-access-disallowed", "storage", "critical", 0),
    ("network-watcher", "network", "medium", 2),
    ("vm-old", "vm", "low", 3),
)
STATES = {
    "fail": ["open"],
    "pass": ["passing", "resolved"],
    "unknown": ["unknown"],
    "manual": ["manual"],
    "not_applicable": ["not_applicable"],
}
RANKS = {"critical": 0, "high": 1, "medium": 2, "low": 3}
DAYS = (0, 1, 6, 7, 8, 20, 29, 31, 60, 83, 90, 91, 170, 200)


def populate(
    tenant: Tenant, people: list[Person], now: datetime, seed: int, count: int = 160
) -> list[Finding]:
    """Create `count` findings, about half of them treated. The caller must have opened the tenant's scope."""
    chance = random.Random(seed)
    rows = [_finding(tenant, now, chance, number) for number in range(count)]
    Finding.objects.bulk_create(rows)
    Resource.objects.bulk_create(
        _resource(tenant, row, now, number) for number, row in enumerate(rows) if number % 2
    )
    Treatment.objects.bulk_create(
        _treatment(tenant, row, people, now, chance) for row in rows if chance.random() < 0.6
    )
    return list(Finding.objects.filter(tenant=tenant).select_related("treatment"))


def fail_every_control(tenant: Tenant, now: datetime) -> list[Finding]:
    """Create a failing finding of each control that has a severity. The caller must have opened the tenant's scope."""
    rows = []
    for number, (slug, control) in enumerate(catalogue().items()):
        if control.severity not in RANKS:
            continue
        since = now - timedelta(days=1 + number % 20)
        rows.append(
            Finding(
                tenant=tenant, control=slug, section=control.section, severity=control.severity,
                severity_rank=RANKS[control.severity], subject=f"/subscriptions/s/{slug}", subject_key=f"each-{slug}",
                subject_name=f"name{number}", subject_type="Microsoft.Storage/storageAccounts", unit="/subscriptions/s",
                outcome="fail", state="open", reason="Not as expected", expected="otherwise", observed_sha256="aa",
                first_seen_at=since, changed_at=since, failing_since=since,
            )
        )  # fmt: skip
    return Finding.objects.bulk_create(rows)


def _finding(tenant: Tenant, now: datetime, chance: random.Random, number: int) -> Finding:
    control, section, severity, rank = chance.choice(CONTROLS)
    # A few findings keep the severity that their control had earlier.
    if chance.random() < 0.05:
        severity, rank = "low", 3
    outcome = chance.choice(["fail", "fail", "fail", *STATES])
    gone = chance.random() < 0.08
    since = now - timedelta(days=chance.choice(DAYS), hours=chance.choice([0, 0, 5]))
    return Finding(
        tenant=tenant,
        control=control,
        section=section,
        severity=severity,
        severity_rank=rank,
        subject=f"/subscriptions/S{number % 3}/resourceGroups/RG/accounts/{chance.choice('abc')}{seed_name(number)}",
        subject_key=f"key{number}",
        subject_name=seed_name(number),
        subject_type="Microsoft.Storage/storageAccounts",
        unit=f"/subscriptions/s{number % 3}",
        outcome=outcome,
        state="gone" if gone else chance.choice(STATES[outcome]),
        reason=chance.choice(["100% open to anyone", "Anonymous_access is on", "Nothing to say"]),
        expected="otherwise",
        observed_sha256=chance.choice(["aa", "bb"]),
        unknown_because="forbidden" if outcome == "unknown" else "",
        first_seen_at=since - timedelta(days=chance.choice([0, 40])),
        changed_at=since,
        failing_since=since if outcome == "fail" else None,
        gone_at=now if gone else None,
    )


def seed_name(number: int) -> str:
    return f"=account{number}" if number % 10 == 0 else f"account{number}"


def _resource(tenant: Tenant, row: Finding, now: datetime, number: int) -> Resource:
    tags = [{"env": "prod"}, {"ENV": "prod"}, {"env": "Prod", "team": ""}][number % 3]
    return Resource(
        tenant=tenant, resource_id=row.subject, key=row.subject_key, type=row.subject_type, name=row.subject_name,
        unit=row.unit, tags=tags, sha256="0", first_seen_at=now, changed_at=now,
    )  # fmt: skip


def _treatment(
    tenant: Tenant, row: Finding, people: list[Person], now: datetime, chance: random.Random
) -> Treatment:
    owner = chance.choice([None, *people])
    made = Treatment(
        tenant=tenant,
        finding=row,
        owner=owner,
        owner_source="hand" if owner else "",
        owned_at=now if owner else None,
    )
    if chance.random() < 0.3:
        made.acknowledged_by, made.acknowledged_at = people[0], now
        # Acknowledge the current failure, or a failure that ended earlier.
        made.acknowledged_failing_since = chance.choice([row.failing_since or now, now - timedelta(days=300)])
    if chance.random() < 0.6:
        made.excepted_sha256 = chance.choice(["aa", "bb"])
        made.excepted_from = now - timedelta(days=chance.choice([-1, 10]))
        made.excepted_until = now + timedelta(days=chance.choice([-1, 0, 30]))
        if made.excepted_until <= made.excepted_from:
            made.excepted_until = made.excepted_from + timedelta(days=1)
    if row.outcome == "manual" or chance.random() < 0.2:
        made.attested_met = chance.random() < 0.5
        made.attested_until = now + timedelta(days=chance.choice([-1, 0, 30]))
    return made
