"""The files of a `World`: reports, evidence files and exports. All tests of a process share the folders."""

from __future__ import annotations

from pathlib import Path

from portal.offboarding.storage import export_storage
from portal.reports.storage import report_storage
from portal.treatment.storage import evidence_storage
from tenants.models import Tenant
from tests.portal.web.world import World


def folders_of(tenant: Tenant) -> list[Path]:
    """Return the folders of the customer's reports, evidence files and exports."""
    return [
        Path(storage().path(str(tenant.pk))) for storage in (report_storage, evidence_storage, export_storage)
    ]


def files_of(world: World) -> list[Path]:
    """Return the files of both customers, and the portfolio reports of their organizations."""
    folders = [
        Path(report_storage().path(str(one.pk))) for one in (world.organization, world.foreign.organization)
    ]
    for tenant in (world.home, world.foreign):
        folders += folders_of(tenant)
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]
