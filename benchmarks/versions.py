"""Compare two ways of storing versions of resources: each as a whole, or as changes between versions.

`python -m benchmarks.versions [--resources N] [--versions N]` takes the configurations of a generated estate with three
subscriptions, and stores versions of each configuration. Each version changes one property. The program prints the
bytes for each version with its indexes, the processor time of this process for writing one version, and the wall time
of reading the newest version of 20 resources and the last 21 versions of one resource.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.shared.installation import installation


def documents(resources: int) -> list[dict[str, Any]]:
    """Return the redacted configurations of a generated estate, in the form in which assessments store them."""
    from assessments.estate.collection import Inventory
    from assessments.estate.collections import ALL
    from assessments.estate.redact import redact
    from benchmarks.shared.estates import collected, generated

    names = [name for name, collection in ALL.items() if collection.inventory is Inventory.CONFIGURATION]

    with tempfile.TemporaryDirectory() as folder:
        estates, _, _ = collected(generated(Path(folder), 3, resources))
    return [
        redact(dict(view.body)) for estate in estates for name in names for view in estate.documents(name)
    ]


def changed(body: dict[str, Any], number: int) -> dict[str, Any]:
    """Return the configuration with another value of one property."""
    return {**body, "properties": {**(body.get("properties") or {}), "revision": number}}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--resources", type=int, default=800, help="for each subscription")
    parser.add_argument("--versions", type=int, default=20, help="of each resource")
    options = parser.parse_args()
    with installation():
        from django.db import connection
        from django.utils import timezone

        from assessments import resource_versions
        from assessments.actions.units.inventory import key_of
        from assessments.evaluate import digest
        from assessments.models import Assessment, Resource, ResourceVersion
        from benchmarks.shared import many_findings as many
        from tenants.scope import tenant_scope

        bodies = documents(options.resources)
        print(
            f"{len(bodies):,} documents, {options.versions} versions each, load average {os.getloadavg()[0]:.1f}"
        )

        def written(tenant: Any, rows: list[Resource], as_changes: bool) -> Iterator[float]:
            for number in range(options.versions):
                with tenant_scope(tenant.pk):
                    assessment = Assessment.objects.create(
                        tenant=tenant,
                        number=number + 1,
                        state=Assessment.State.FINISHED,
                        ended_at=timezone.now(),
                    )
                    versions = [
                        ResourceVersion(
                            tenant=tenant,
                            resource=row,
                            assessment=assessment,
                            at=timezone.now(),
                            sha256=digest(changed(body, number)),
                            stored=changed(body, number),
                        )
                        for row, body in zip(rows, bodies, strict=True)
                    ]
                    begin = time.process_time()
                    if as_changes:
                        resource_versions.use_changes(tenant_id=tenant.pk, versions=versions)
                    ResourceVersion.objects.bulk_create(versions, batch_size=1000)
                    yield time.process_time() - begin

        (person,) = many.people(1)
        for as_changes in (False, True):
            tenant: Any = many.tenant_of("Changes" if as_changes else "Whole", person)
            now = timezone.now()
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_total_relation_size('assessments_resourceversion')")
                before = cursor.fetchone()[0]
            with tenant_scope(tenant.pk):
                rows = Resource.objects.bulk_create(
                    Resource(
                        tenant=tenant,
                        resource_id=body["id"],
                        key=key_of(body["id"]),
                        type=str(body.get("type", ""))[:200],
                        name=str(body.get("name", ""))[:300],
                        unit="x",
                        sha256=digest(body),
                        first_seen_at=now,
                        changed_at=now,
                    )
                    for body in bodies
                )
            spent = sum(written(tenant, rows, as_changes))
            many.vacuum()
            count = len(bodies) * options.versions
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_total_relation_size('assessments_resourceversion')")
                size = cursor.fetchone()[0] - before
            with tenant_scope(tenant.pk):
                ids = [row.pk for row in rows[:20]]
                begin = time.perf_counter()
                found = resource_versions.read_newest(
                    ResourceVersion.objects.all(), tenant_id=tenant.pk, resources=ids
                )
                newest = time.perf_counter() - begin
                page = list(
                    ResourceVersion.objects.filter(resource=rows[0]).values_list("pk", flat=True)[:21]
                )
                begin = time.perf_counter()
                resource_versions.read(ResourceVersion.objects.all(), tenant_id=tenant.pk, ids=page)
                history = time.perf_counter() - begin
            assert len(found) == len(ids)
            print(
                f"{'as changes' if as_changes else 'whole'}: {size / count:,.0f} bytes a version, written in"
                f" {spent / count * 1000:.2f} ms; the newest of 20 resources read in {newest * 1000:.1f} ms, the last"
                f" 21 versions of a resource in {history * 1000:.1f} ms"
            )


if __name__ == "__main__":
    main()
