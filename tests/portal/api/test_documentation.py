"""The curl commands of docs/api.md run as they are written, against a server of the test. The page's table of addresses
is complete.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from assessments.models import Assessment
from portal.accounts.actions.service_credentials import create_client_secret
from portal.accounts.models import AccountMail
from portal.api.contract_file import FILE
from portal.settings.env import BASE_DIR
from tenants.scope import person_scope
from tests import factories
from tests.portal.api.conftest import token_for
from tests.portal.web.world import World

PAGE = (BASE_DIR / "docs" / "api.md").read_text(encoding="utf-8")


@pytest.fixture
def world(committed_world: World) -> World:
    return committed_world


@pytest.mark.slow(seconds=1)
def test_each_example_is_answered(world: World, live_server: Any, tmp_path: Path) -> None:
    assert shutil.which("curl"), "install curl: docs/api.md uses it"
    blocks = [
        re.sub(r"^ +", "", one, flags=re.MULTILINE) for one in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    ]
    assert len(blocks) >= 8
    own = world.of(world.home)
    with factories.in_tenant(world.home):
        number = Assessment.objects.latest("number").number + 1
    administrator = world.people["organization_administrator"]
    with person_scope(administrator):
        _, secret = create_client_secret(
            by=administrator,
            account=own["service_account"],
            name="Test",
            days=30,
            capabilities=["view", "view_all"],
        )
    # Delete the mail about the new secret, which is sealed with the keys of this test. A later test with a worker has
    # other keys, and could not read the mail.
    AccountMail.objects.all().delete()
    names = {
        "https://surety.example.com": live_server.url,
        "surety_pat_…": token_for(world.people["organization_engineer"], world.organization),
        "CLIENT_ID=…": f"CLIENT_ID={own['service_account'].pk}",
        "surety_ocs_…": secret,
        "customers/contoso/": f"customers/{world.home.slug}/",
        "assessments/12": f"assessments/{number}",
        "reports/7": f"reports/{own['report'].number}",
        "bulk-jobs/01a3…": f"bulk-jobs/{own['bulk_job'].pk}",
        "findings/01a3…": f"findings/{own['finding'].pk}",
        '"01a3…"': f'"{own["owned"].pk}"',
        # Replace the dates on the page with future dates.
        "2026-12-15": f"{timezone.now() + timedelta(days=20):%Y-%m-%d}",
        "2027-01-31": f"{timezone.now() + timedelta(days=40):%Y-%m-%d}",
        "2027-11-01": f"{timezone.now() + timedelta(days=300):%Y-%m-%d}",
        '"secret": "…"': '"secret": "the-Secret~of.this.test"',
    }
    # With these options, curl fails if the answer is an error, and prints the answer.
    (tmp_path / ".curlrc").write_text("fail-with-body\nsilent\nshow-error\n")
    script = "\n".join(["set -eo pipefail", *blocks])
    for written, real in names.items():
        assert written in script, written
        script = script.replace(written, real)
    assert "…" not in script, "an example has a placeholder that this test does not know"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path), "CURL_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-1500:]}{done.stderr[-1500:]}"
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")
    assert script.count("curl ") >= 12


def is_named(method: str, path: str, cells: list[str]) -> bool:
    """Return whether one of the cells names the operation's address. Only the first address in a cell is complete; the
    others are shortened to `…/` and their end.
    """
    parts = [
        r"{\w+}" if part.startswith("{") else re.escape(part)
        for part in path.removeprefix("/api/v1/").split("/")
    ]
    # Below a customer or organization, the list's name is the third part of the path, otherwise the first part.
    plural = parts[2] if parts[0] in {"customers", "organizations"} and len(parts) > 2 else parts[0]
    needed = (method.upper(), rf"/{plural}[/`]", rf"/{parts[-1]}`")
    return any(all(re.search(one, cell) for one in needed) for cell in cells)


def test_the_table_of_addresses_names_each_operation() -> None:
    section = PAGE.partition("\n## Addresses\n")[2].partition("\n## ")[0]
    cells = [line.split(" | ")[0] for line in section.splitlines() if line.startswith("| `")]
    paths = json.loads(FILE.read_text(encoding="utf-8"))["paths"]
    operations = [(method, path) for path, methods in paths.items() for method in methods]
    assert [one for one in operations if not is_named(*one, cells)] == []


# {part of a URL that follows the organization: the words for it in docs/api.md}. The words are in the paragraph that
# says what the right `organization` permits.
OF_THE_RIGHT_ORGANIZATION = {
    "delegations": "assigning delegated subscriptions",
    "failed-tickets": "[tickets]",
    "managing-principals": "service principals of the organization",
    "own-controls": "[own controls]",
    "service-accounts": "revoking [client secrets]",
    "sign-ins": "replacing their credentials",
    "ticket-rules": "[tickets]",
    "ticket-systems": "[tickets]",
}


def test_the_page_says_everything_that_the_right_organization_permits() -> None:
    rows = re.findall(
        r"^\|[^|]*?/organizations/\{organization\}/([\w-]+)[^|]*\| `organization` \|", PAGE, re.MULTILINE
    )
    assert set(rows) == OF_THE_RIGHT_ORGANIZATION.keys()
    section = PAGE.split("\n## Ticket systems\n", 1)[1].split("\n\nConnect a system", 1)[0]
    text = " ".join(section.split())
    assert [words for words in OF_THE_RIGHT_ORGANIZATION.values() if words not in text] == []
