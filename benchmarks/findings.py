"""Measure how many new, unchanged and changed findings per second `FindingsWriter` writes.

`python -m benchmarks.findings [--subscriptions N] [--resources N] [--rounds N]` collects a generated estate and
evaluates it before the measurement. Only `FindingsWriter` is measured: one unit after another, each in a transaction,
on the embedded PostgreSQL of the same machine.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from benchmarks.shared.installation import installation, rows

if TYPE_CHECKING:
    from assessments.evaluate import Result

# (kind, unit id, name, results) of a unit.
type Judged = tuple[str, str, str, list["Result"]]


def judged(home: Path, subscriptions: int, resources: int) -> list[Judged]:
    """Evaluate a generated estate. Return (kind, unit id, name, results) of every unit."""
    from assessments.controls.registry import catalogue
    from assessments.evaluate import evaluate
    from benchmarks.shared.estates import collected, generated

    estates, _, _ = collected(generated(home, subscriptions, resources))
    controls = list(catalogue().values())
    return [(str(e.kind), e.unit_id, e.scope_id, list(evaluate(e, controls))) for e in estates]


def tenant(name: str, directory_id: str) -> UUID:
    """Create a tenant with one directory, which has no service principal."""
    from tenants.actions.directories import add_directory
    from tenants.actions.organizations import register_organization, register_tenant
    from tenants.actors import System
    from tenants.models import Organization
    from tenants.scope import organization_scope

    by = System("benchmark")
    made = register_organization(by=by, name=name)
    with organization_scope(made.pk):
        row = register_tenant(by=by, organization=Organization.objects.get(pk=made.pk), name=name)
        add_directory(by=by, tenant=row, directory_id=directory_id, name=name)
    return row.pk


def write(tenant_id: UUID, number: int, units: list[Judged]) -> float:
    """Write the results as an assessment does. Return the seconds that writing the findings took."""
    from django.utils import timezone

    from assessments.actions.units.findings import FindingsWriter
    from assessments.controls.registry import catalogue
    from assessments.estate.estate import UnitKind
    from assessments.evaluate import controls_for
    from assessments.models import Assessment, Unit
    from tenants.models import Directory
    from tenants.scope import tenant_scope

    now = timezone.now()
    with tenant_scope(tenant_id):
        # No worker runs this assessment, and a tenant can have only one active assessment. So create it as finished.
        assessment = Assessment.objects.create(
            tenant_id=tenant_id,
            number=number,
            state=Assessment.State.FINISHED,
            started_at=now,
            ended_at=now,
            catalogue_hash="",
            product_version="benchmark",
            units_total=len(units),
            units_ended=len(units),
        )
        made = [
            Unit(
                tenant_id=tenant_id,
                assessment=assessment,
                kind=kind,
                azure_id=azure_id,
                name=name,
                directory=Directory.objects.get(),
            )
            for kind, azure_id, name, _ in units
        ]
        Unit.objects.bulk_create(made)
    began = time.perf_counter()
    for unit, (kind, _, _, results) in zip(made, units, strict=True):
        with tenant_scope(tenant_id):
            writer = FindingsWriter(unit=unit, at=now)
            for result in results:
                writer.add(result)
            writer.close(controls_for(UnitKind(kind), catalogue().values()))
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--subscriptions", type=int, default=20)
    parser.add_argument("--resources", type=int, default=200, help="documents per subscription")
    parser.add_argument("--rounds", type=int, default=3, help="rounds for the medians")
    options = parser.parse_args()
    with installation() as home:
        units = judged(home, options.subscriptions, options.resources)
        changed = [
            (kind, unit, name, [replace(r, observed={**r.observed, "benchmark": 1}) for r in results])
            for kind, unit, name, results in units
        ]
        total = sum(len(results) for _, _, _, results in units)
        print(f"{total} findings of {len(units)} units")
        rates: dict[str, list[float]] = {}
        for number in range(1, options.rounds + 1):
            tenant_id = tenant(f"Benchmark {number}", units[0][1])
            passes: list[tuple[str, Callable[[], float]]] = [
                ("new", partial(write, tenant_id, 1, units)),
                ("unchanged", partial(write, tenant_id, 2, units)),
                ("changed", partial(write, tenant_id, 3, changed)),
            ]
            for name, go in passes:
                before = rows(tenant_id)
                seconds = go()
                after = rows(tenant_id)
                tables = ("assessments_finding", "assessments_findingchange")
                added = sum(after[table] - before[table] for table in tables)
                rates.setdefault(name, []).append(total / seconds)
                print(
                    f"round {number}, {name}: {seconds:.2f} s, {total / seconds:.0f} findings/s,"
                    f" {added} rows added, {added / seconds:.0f} rows/s"
                )
        for name, values in rates.items():
            print(f"median of {len(values)}: {name} {statistics.median(values):.0f} findings/s")


if __name__ == "__main__":
    main()
