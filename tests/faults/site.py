"""Commands in a separate installation, run by `tests.faults.installation`.

register SERVED.json   register a tenant with the sandbox's directory, and return its id
start TENANT           start an assessment, and return its id
state TENANT           return the state of the newest assessment, and the attempts and workers of its units
verdicts TENANT        return all results of assessments, without values that differ in each run
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
django.setup()

from assessments.actions.start import start  # noqa: E402
from assessments.models import (  # noqa: E402
    Assessment,
    EvidenceItem,
    Finding,
    FindingChange,
    Resource,
    ResourceVersion,
    Unit,
)
from tenants.models import JournalEntry, Tenant  # noqa: E402
from tenants.scope import tenant_scope  # noqa: E402
from tests import factories  # noqa: E402


def register(path: str) -> str:
    served = json.loads(Path(path).read_text())
    url = served["url"]
    cloud = {"authority": url, "arm": url, "graph": url, "arm_scope": f"{url}/.default", "ca": served["ca"]}
    (directory,) = served["directories"]
    tenant = factories.tenant()
    place = factories.directory(
        tenant, directory_id=directory["tenantId"], name="Directory", cloud="custom", cloud_settings=cloud
    )
    client = directory["clients"][0]
    factories.service_principal(place, client_id=client["clientId"], secret=client["secret"])
    return str(tenant.pk)


def begin(tenant_id: str) -> str:
    with tenant_scope(tenant_id):
        return str(start(tenant=Tenant.objects.get(pk=tenant_id), by=factories.BY).pk)


def state(tenant_id: str) -> dict[str, Any]:
    with tenant_scope(tenant_id):
        assessment = Assessment.objects.order_by("-number")[0]
        units = list(Unit.objects.filter(assessment=assessment))
        ends = JournalEntry.objects.filter(action="assessment.end").count()
    return {
        "state": assessment.state,
        "units_total": assessment.units_total,
        "units_ended": assessment.units_ended,
        "ends": ends,
        "summary": assessment.summary,
        "units": {
            unit.scope_id: {
                "state": unit.state, "attempt": unit.attempt, "worker": unit.worker, "steps_done": unit.steps_done,
                "error": unit.error,
            }
            for unit in units
        },
    }  # fmt: skip


def verdicts(tenant_id: str) -> dict[str, Any]:
    """Return the results, sorted so that two runs can be compared."""
    with tenant_scope(tenant_id):
        return {
            "findings": sorted(
                map(list, Finding.objects.values_list("control", "subject", "outcome", "state", "observed_sha256"))
            ),
            "changes": sorted(
                map(list, FindingChange.objects.values_list("finding__control", "finding__subject", "before_outcome",
                                                            "after_outcome"))
            ),
            "resources": sorted(map(list, Resource.objects.values_list("resource_id", "sha256"))),
            "versions": sorted(map(list, ResourceVersion.objects.values_list("resource__resource_id", "sha256"))),
            "evidence": sorted(EvidenceItem.objects.values_list("sha256", flat=True)),
            "units": sorted(
                [u.scope_id, u.state, u.counts, u.coverage, len(u.gaps)] for u in Unit.objects.all()
            ),
        }  # fmt: skip


COMMANDS = {"register": register, "start": begin, "state": state, "verdicts": verdicts}


def main() -> None:
    """Answer each line `command argument` on standard input with a line of JSON."""
    for line in sys.stdin:
        name, argument = line.split(maxsplit=1)
        sys.stdout.write(json.dumps(COMMANDS[name](argument.strip())) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
