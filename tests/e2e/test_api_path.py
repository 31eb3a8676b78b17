"""An example program that uses only the OpenAPI document takes a customer from registration to a verified report.

The site, its workers, the emulated Azure and the example run as programs, as in an installation.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from portal.reports.keys.signing_identity import ensure_signing_identity
from portal.reports.models import Report
from portal.settings.env import BASE_DIR
from portal.treatment.models import FindingException
from tenants.models import ServicePrincipal, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.assessments.collect.azure import CLIENT, DIRECTORY, SECRET, directory, guid, subscription
from tests.assessments.sandboxed_customer import Azure
from tests.e2e.installation import Installation
from tests.portal.api.conftest import token_for

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

EXAMPLE = BASE_DIR / "docs" / "examples" / "register_and_assess.py"
VERIFIER = BASE_DIR / "portal" / "reports" / "offline" / "surety_verify.py"


def test_program_with_the_openapi_document_gets_a_verified_report(
    migrated_site: Installation, azure: Azure, settings: Any, tmp_path: Path
) -> None:
    site = migrated_site
    azure.serve([directory(), *subscription(guid(1))])
    site.start()
    organization = factories.organization("Northlight Managed")
    engineer = factories.member(Role.ORGANIZATION_ENGINEER, organization)
    approver = factories.member(Role.APPROVER, factories.tenant(organization, "Fabrikam"))
    settings.SURETY_HOME = site.home
    cloud = azure.cloud() | {"ca": Path(azure.cloud()["ca"]).read_text()}
    bodies = {
        "customer": {"name": "Contoso", "directory_id": DIRECTORY, "cloud": "custom", "endpoints": cloud},
        "service_principal": {"client_id": CLIENT, "secret": SECRET},
        "schedule": {"schedule": "daily 02:00"},
    }
    (tmp_path / "contoso.json").write_text(json.dumps(bodies))
    tokens = {
        "SURETY_SERVER": site.url,
        "SURETY_TOKEN": token_for(engineer, organization),
        "SURETY_APPROVER_TOKEN": token_for(approver, organization),
    }
    command = [sys.executable, "-P", EXAMPLE, "contoso.json", "--report", "contoso.pdf"]
    command += ["--verifier", VERIFIER, "--fingerprint", ensure_signing_identity().fingerprint]
    with subprocess.Popen(
        list(map(str, command)),
        cwd=tmp_path,
        env={**os.environ, **tokens, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as program:
        assert program.stdout is not None
        lines = []
        for line in program.stdout:
            lines.append(line)
            if "waits for the approver" in line:
                with organization_scope(organization):
                    contoso = Tenant.objects.select_related("organization").get(slug="contoso")
                factories.member(Role.APPROVER, contoso, approver)
    printed = "".join(lines)
    assert program.returncode == 0, printed
    assert SECRET not in printed
    with factories.in_tenant(contoso):
        exception = FindingException.objects.get()
        assert (exception.state, exception.decided_by_id) == ("active", approver.pk)
        assert exception.requested_by_id == engineer.pk
        assert Report.objects.get().size == (tmp_path / "contoso.pdf").stat().st_size
        assert ServicePrincipal.objects.get().last_error_code == ""
    assert SECRET not in site.log.read_text()
