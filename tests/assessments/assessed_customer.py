"""Assess a customer with the real actions. The sandbox serves the customer's resources from an estate file."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from django.core.management import call_command

from assessments.actions.prepare import prepare
from assessments.actions.start import start
from assessments.actions.units.run import run_unit
from assessments.management.sandboxed import Served
from assessments.models import Assessment, Finding, Unit
from sandbox.generate.command import main as generator
from tenants.models import ServicePrincipal, Tenant
from tenants.scope import tenant_scope
from tests import factories
from tests.factories.places import BY

Key = tuple[str, str]


def generate(path: Path, *arguments: str) -> Path:
    """Write a generated estate to the file. `arguments`: options of `python -m sandbox generate`."""
    with path.open("w", encoding="utf-8") as out, redirect_stdout(out), redirect_stderr(io.StringIO()):
        assert generator(arguments) == 0
    return path


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def write(path: Path, lines: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def registered(url: str, ca: str, directory_id: str, client_id: str, secret: str) -> ServicePrincipal:
    """Register a new tenant with a principal that reads the served estate."""
    directory = factories.directory(
        directory_id=directory_id,
        cloud="custom",
        cloud_settings={"authority": url, "arm": url, "graph": url, "ca": ca},
    )
    return factories.service_principal(directory, client_id=client_id, secret=secret)


def registered_reader(served: Served) -> ServicePrincipal:
    """Register a new tenant with the first service principal of the served estate."""
    reader = served.principals[0]
    return registered(served.url, served.ca, reader.directory_id, reader.client_id, reader.secret)


def assess(tenant: Tenant) -> Assessment:
    """Start and prepare an assessment, and run each of its units, as the workers do."""
    with tenant_scope(tenant.pk):
        assessment = start(tenant=tenant, by=BY)
    prepare(tenant_id=tenant.pk, assessment_id=assessment.pk)
    with tenant_scope(tenant.pk):
        units = list(Unit.objects.filter(assessment=assessment).values_list("pk", flat=True))
    for unit in units:
        run_unit(tenant_id=tenant.pk, unit_id=unit, worker="test")
    with tenant_scope(tenant.pk):
        assessment.refresh_from_db()
    assert assessment.state == Assessment.State.FINISHED
    return assessment


def stored(tenant: Tenant) -> dict[Key, tuple[str, Any]]:
    """Return the stored findings: {(control, folded subject): (verdict, observed)}."""
    with tenant_scope(tenant.pk):
        rows = Finding.objects.filter(tenant=tenant, gone_at__isnull=True)
        return {(f.control, f.subject.casefold()): (f.outcome, f.observed) for f in rows}


def judged(estate: Path, now: str) -> dict[Key, tuple[str, Any]]:
    """Call `assess_estate` in this process; return its verdicts in the format of `stored`."""
    out = io.StringIO()
    call_command("assess_estate", str(estate), "--now", now, verbosity=0, stdout=out)
    rows = [json.loads(line) for line in out.getvalue().splitlines()]
    return {(r["control"], r["subject"].casefold()): (r["verdict"], r["observed"]) for r in rows}
