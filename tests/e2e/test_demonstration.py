"""In a browser, replace the outdated secret of one of the demonstration's customers, as README.md describes."""

from __future__ import annotations

import json
import re
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect
from rich.console import Console

from assessments.actions.start import start
from assessments.management.sandboxed import serve
from assessments.models import Finding
from portal.demo.azure import SandboxAddress, write_estate
from portal.demo.console import print_current_secrets
from portal.demo.people import CUSTOMERS
from portal.demo.seed_database import DEMO, ensure_organization, register_customers
from portal.demo.state import DemoState
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import organization_scope, tenant_scope
from tests import factories
from tests.assessments.sandboxed_customer import work
from tests.e2e.conftest import Open, picture, sign_in

pytestmark = pytest.mark.e2e


def outcomes(tenant: Tenant) -> Counter[str]:
    with tenant_scope(tenant.pk):
        return Counter(Finding.objects.filter(gone_at=None).values_list("outcome", flat=True))


def test_the_outdated_secret_of_wingtip_toys_is_replaced(
    open_page: Open, transactional_db: None, tmp_path: Path
) -> None:
    (customer,) = (one for one in CUSTOMERS if one.wrong_secret)
    state, estate = DemoState(tmp_path / "state.json"), write_estate(customer, tmp_path)
    (clients,) = (line for line in estate.read_text().splitlines() if '"clients"' in line)
    directory = json.loads(clients)["directory"]
    terminal = Console(file=StringIO(), width=80)
    print_current_secrets(terminal, [(customer, directory)])
    assert isinstance(terminal.file, StringIO)
    printed = terminal.file.getvalue()
    with serve(estate) as served:
        address = SandboxAddress(served.url, served.ca, [directory])
        register_customers(state, [(customer, directory)], address, timezone.now())
        with organization_scope(ensure_organization(state)):
            tenant = Tenant.objects.select_related("organization").get(slug=customer.slug)
        with tenant_scope(tenant.pk):
            start(tenant=tenant, by=DEMO)
        work()
        assert set(outcomes(tenant)) == {"unknown"}

        engineer = factories.member(Role.ORGANIZATION_ENGINEER, tenant.organization)
        page = open_page()
        sign_in(page, engineer)
        page.goto(reverse("tenant", args=[tenant.slug]))
        page.get_by_role("link", name="Settings", exact=True).first.click()
        page.get_by_role("link", name="surety-reader", exact=True).click()
        picture(page, "demonstration-refused")
        # The output on the terminal names the page and its headings, and ends with the secret.
        assert f"Settings › surety-reader of {customer.name}" in printed
        for heading in re.findall("“(.+)”", printed):
            expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        page.get_by_label("Client secret").fill(printed.split()[-1])
        page.get_by_role("button", name="Sign in and replace").click()
        page.wait_for_url(lambda url: "attempt=" in url)
        work()
        expect(page.get_by_text("The credential works and is stored.")).to_be_visible()
        page.goto(reverse("assessments", args=[tenant.slug]))
        page.get_by_role("button", name="Start assessment").click()
        page.wait_for_url("**/assessments/*/")
        work()
        found = outcomes(tenant)
        assert found["fail"] > 0
        assert found["pass"] > found["unknown"]
        page.goto(reverse("findings", args=[tenant.slug]))
        picture(page, "demonstration-mended")
