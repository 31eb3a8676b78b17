"""Measure the watch, which looks for changes between assessments: requests and seconds of one turn.

Turns without changes, with one change, and with a burst of events are measured.
`python -m benchmarks.watch [--resources N] [--burst N] [--turns N]` generates an estate with one subscription, serves
it with the sandbox, assesses it in this process, and lets `python -m sandbox act` change it between turns.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from uuid import UUID

from benchmarks.shared.installation import ask, generate, installation, register, rows, serve


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resources", type=int, default=1000, metavar="N")
    parser.add_argument("--burst", type=int, default=10_000, metavar="N")
    parser.add_argument("--turns", type=int, default=12, metavar="N")
    options = parser.parse_args()
    with installation() as home:
        measure(options, home)


def measure(options: argparse.Namespace, home: Path) -> None:
    """Generate an estate, assess it, and measure turns of the watch after changes of the estate."""
    from portal.workers.child_processes import child_processes

    estate = home / "estate.jsonl"
    generate(estate, subscriptions=1, resources=options.resources)
    with child_processes() as processes:
        ready = serve(processes, estate, home, "--no-throttle")
        tenant_id = register("Watch", ready)
        whole = assess(tenant_id)
        print(
            f"complete assessment: {whole['requests']} requests of the subscription, {whole['seconds']:.1f} s"
        )
        turns = [turn(tenant_id, ready) for _ in range(options.turns)]
        print_turns(f"{options.turns} turns without changes", turns)
        for what, types in (
            ("open-port", "Microsoft.Network/networkSecurityGroups"),
            ("touch", "Microsoft.Storage/storageAccounts"),
            ("touch", "Microsoft.Compute/virtualMachines"),
            ("touch", "Microsoft.Sql/servers"),
        ):
            before = rows(tenant_id)
            act(estate, ready, home, what, resource(estate, types))
            found = turn(tenant_id, ready)
            after = rows(tenant_id)
            added = {name: after[name] - before[name] for name in after if after[name] != before[name]}
            print_turns(f"one change of {types}", [found])
            print(f"  rows added: {added}")
        act(
            estate, ready, home, "touch", resource(estate, "Microsoft.Storage/storageAccounts"), options.burst
        )
        print_turns(f"{options.burst:,} events", [turn(tenant_id, ready)])


def resource(estate: Path, kind: str) -> str:
    """Return the id of the first resource of a type in an estate file."""
    for line in estate.read_text().splitlines():
        document = json.loads(line)
        if str(document.get("type", "")).casefold() == kind.casefold():
            return str(document["id"])
    raise SystemExit(f"The estate has no {kind}. Use another number of resources.")


def act(estate: Path, ready: dict[str, Any], home: Path, what: str, identifier: str, times: int = 1) -> None:
    """Change a resource in the running sandbox, `times` times, with `python -m sandbox act`."""
    state = Path(ready["ca"]).parent.parent
    command = [
        sys.executable,
        "-m",
        "sandbox",
        "act",
        str(estate),
        "--url",
        ready["url"],
        "--state",
        str(state),
    ]
    subprocess.run([*command, "--times", str(times), what, identifier], check=True, stdout=subprocess.DEVNULL)


def assess(tenant_id: UUID) -> dict[str, Any]:
    """Assess the customer in this process, and switch its watch on."""
    from assessments.actions.prepare import prepare
    from assessments.actions.start import start
    from assessments.actions.units.run import run_unit
    from assessments.actions.watch.settings import set_watch
    from assessments.models import Unit
    from tenants.actors import System
    from tenants.models import Tenant
    from tenants.scope import tenant_scope

    by = System("benchmark")
    with tenant_scope(tenant_id):
        tenant = Tenant.objects.get(pk=tenant_id)
        set_watch(tenant=tenant, by=by, wanted=True)
        made = start(tenant=tenant, by=by)
    began = time.monotonic()
    prepare(tenant_id=tenant_id, assessment_id=made.pk)
    with tenant_scope(tenant_id):
        units = list(Unit.objects.filter(assessment=made).values_list("pk", flat=True))
    for unit in units:
        run_unit(tenant_id=tenant_id, unit_id=unit, worker="benchmark")
    with tenant_scope(tenant_id):
        unit_row = Unit.objects.get(assessment=made, kind=Unit.Kind.SUBSCRIPTION)
    return {"requests": unit_row.requests, "seconds": time.monotonic() - began}


def turn(tenant_id: UUID, ready: dict[str, Any]) -> tuple[int, float]:
    """Take one turn in this process. Return the number of requests, as the sandbox counted them, and the seconds."""
    from django.utils import timezone

    from assessments.actions.watch.run import run_watch
    from assessments.models import Assessment, Watch
    from tenants.models import Subscription
    from tenants.scope import tenant_scope

    with tenant_scope(tenant_id):
        guid = Subscription.objects.get().subscription_id
        row, _ = Watch.objects.get_or_create(
            tenant_id=tenant_id, unit=f"/subscriptions/{guid}", defaults={"next_at": timezone.now()}
        )
    ask(ready, "/_sandbox/requests/reset", "POST")
    began = time.monotonic()
    run_watch(tenant_id=tenant_id, watch_id=row.pk)
    seconds = time.monotonic() - began
    with tenant_scope(tenant_id):
        last = Assessment.objects.order_by("-number")[0]
    print(f"  newest assessment: {last.number}, {last.trigger}, {last.state}")
    return sum(line["count"] for line in ask(ready, "/_sandbox/requests")), seconds


def print_turns(name: str, turns: list[tuple[int, float]]) -> None:
    requests = [count for count, _ in turns]
    seconds = statistics.median(duration for _, duration in turns)
    print(f"{name}: {sum(requests)} requests ({min(requests)} to {max(requests)} a turn), {seconds:.2f} s")


if __name__ == "__main__":
    main()
