"""An engineer imports customers from a CSV file: preview, errors by line, progress, and a second upload of the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from portal.imports.models import CustomerImport, CustomerImportLine
from portal.imports.run import run_import
from tenants.scope import organization_scope
from tests.assessments.sandboxed_customer import sent
from tests.e2e.conftest import picture
from tests.e2e.pages import problems_of
from tests.portal.web.world import World

pytestmark = pytest.mark.e2e

CUSTOMERS = 4


def test_customers_are_imported_from_a_file(
    world: World, signed_in: Callable[..., Page], tmp_path: Path
) -> None:
    slug = world.organization.slug
    lines = ["name;directory_id;time_zone;labels"]
    lines += [f"Zahnärzte {number};{uuid4()};Europe/Berlin;gold" for number in range(CUSTOMERS)]
    lines += ["Without an ID;contoso.onmicrosoft.com;;", ""]
    file = tmp_path / "customers.csv"
    file.write_bytes("\r\n".join(lines).encode("utf-16"))
    page = signed_in(world.people["organization_engineer"])
    page.goto("/")
    page.get_by_role("link", name=world.organization.name, exact=True).first.click()
    page.get_by_role("link", name="Import customers").first.click()
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="Show preview").click()
    main = page.get_by_role("main")
    expect(main).to_contain_text("Read as UTF-16, with a semicolon between cells.")
    expect(main).to_contain_text(f"{CUSTOMERS} new customers, 1 line with an error")
    wrong = page.get_by_role("row").filter(has_text="Without an ID")
    expect(wrong).to_contain_text("contoso.onmicrosoft.com")
    expect(wrong).to_contain_text("Error")
    picture(page, "import-preview")
    sent()
    page.get_by_role("button", name=f"Import {CUSTOMERS} lines").click()
    bar = page.get_by_role("progressbar", name="Imported lines")
    expect(bar).to_have_attribute("aria-valuenow", "0")
    numbers = []

    def shown(line: CustomerImportLine) -> None:
        """Check that the page shows the imported line without being reloaded, while the import goes on."""
        numbers.append(line.number)
        if len(numbers) < CUSTOMERS:
            expect(bar).to_have_attribute("aria-valuenow", str(100 * len(numbers) // CUSTOMERS))
            row = page.get_by_role("row").filter(has_text=line.values["name"])
            expect(row).to_contain_text("Registered")
        if len(numbers) == 2:
            assert problems_of(page, "import-running") == {}

    with organization_scope(world.organization):
        row = CustomerImport.objects.get(state=CustomerImport.State.RUNNING)
    run_import(organization_id=world.organization.pk, import_id=row.pk, on_line=shown)
    assert len(numbers) == CUSTOMERS
    expect(page.get_by_role("heading", name="Finished")).to_be_visible()
    expect(main).to_contain_text(f"1 line with an error, {CUSTOMERS} registered")
    picture(page, "import-finished")
    page.get_by_role("link", name="Zahnärzte 0").click()
    expect(page.get_by_role("main")).to_contain_text("Zahnärzte 0")
    # If the same file is uploaded again, its customers are not registered twice.
    page.goto(reverse("customers-import", args=[slug]))
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="Show preview").click()
    expect(main).to_contain_text(f"{CUSTOMERS} lines without a change, 1 line with an error")
    expect(page.get_by_role("button", name="Import", exact=False)).to_have_count(0)
