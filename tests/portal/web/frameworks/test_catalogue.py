"""The pages of frameworks in the catalogue: every requirement, degrees, filters and exports."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from assessments.frameworks.framework import NAMES, framework
from portal.web.components.vocabulary import COVERAGES
from tests.portal.web.frameworks.requirement_rows import requirement_rows
from tests.portal.web.world import World


def page(client: Client, key: str, query: str = "") -> str:
    response = client.get(reverse("framework", args=[key]) + query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("key", NAMES)
def test_the_page_lists_every_number_of_the_version(engineer: Client, key: str) -> None:
    listed = requirement_rows(page(engineer, key))
    assert list(listed) == list(framework(key).numbers)
    for number, row in listed.items():
        title = framework(key).numbers[number].title
        assert title in row
        if "Not covered" in row:
            assert framework(key).numbers[number].reason in row


def test_a_row_shows_degree_and_what_is_missing(engineer: Client) -> None:
    listed = requirement_rows(page(engineer, "cis-6.0.0"))
    assert "Judged" in listed["9.3.8"]
    assert "Missing:" not in listed["9.3.8"]
    assert reverse("control", args=["storage-anonymous-access-disallowed"]) in listed["9.3.8"]
    assert "Partly judged" in listed["3.1.1"]
    assert (
        "Missing: The control checks whether users can use MFA, not whether MFA is enforced for them"
        in listed["3.1.1"]
    )
    assert "Attested" in listed["5.3.2"]
    uncovered = requirement_rows(page(engineer, "nist-800-53-r5"))["AC-1"]
    assert "Not covered" in uncovered
    assert framework("nist-800-53-r5").numbers["AC-1"].reason in uncovered


def test_filters_and_search_narrow_the_numbers(engineer: Client) -> None:
    attested = [
        number for number, text in requirement_rows(page(engineer, "cis-6.0.0")).items() if "Attested" in text
    ]
    assert "5.3.2" in attested
    assert list(requirement_rows(page(engineer, "cis-6.0.0", "?coverage=attested"))) == attested
    assert set(requirement_rows(page(engineer, "cis-6.0.0", "?section=8.4"))) == {"8.4.1"}
    assert list(requirement_rows(page(engineer, "cis-6.0.0", "?q=secure+transfer"))) == ["9.3.4"]
    html = page(engineer, "cis-6.0.0", "?q=nothing-is-called-so")
    assert requirement_rows(html) == {}
    assert "No requirements match" in html


def test_the_export_has_every_matching_number(engineer: Client) -> None:
    address = reverse("framework-csv", args=["cis-6.0.0"])
    content = b"".join(engineer.get(address)).decode("utf-8-sig")
    table = list(csv.DictReader(io.StringIO(content)))
    assert [row["Number"] for row in table] == list(framework("cis-6.0.0").numbers)
    by_number = {row["Number"]: row for row in table}
    assert by_number["9.3.4"]["Controls"] == (
        "logging-storage-secure-transfer (partly), storage-secure-transfer (full)"
    )
    assert by_number["9.3.8"]["Controls"] == "storage-anonymous-access-disallowed (full)"
    assert by_number["2.1.3"]["Coverage"] == "Attested"
    assert by_number["2.1.3"]["Missing"]
    assert "Result" not in by_number["2.1.3"]
    narrowed = b"".join(engineer.get(address + "?section=8.4")).decode("utf-8-sig")
    assert [row["Number"] for row in csv.DictReader(io.StringIO(narrowed))] == ["8.4.1"]


def test_the_workbook_has_every_number(engineer: Client) -> None:
    response = engineer.get(reverse("framework-xlsx", args=["mcsb-1"]))
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response)))
    numbers = [row[1] for row in book["Numbers"].iter_rows(min_row=2, values_only=True)]
    assert numbers == list(framework("mcsb-1").numbers)


def test_earlier_addresses_lead_to_the_page_of_the_framework(engineer: Client) -> None:
    for name, key in {
        "CIS Azure 4.0.0": "cis-4.0.0",
        "MCSB": "mcsb-1",
        "NIST 800-53 r5": "nist-800-53-r5",
    }.items():
        response = engineer.get(reverse("controls"), {"by": name})
        assert response.headers["Location"] == reverse("framework", args=[key])
    assert engineer.get(reverse("controls"), {"by": "ISO"}).status_code == 404


def test_an_unknown_framework_is_not_found(engineer: Client) -> None:
    for name in ("framework", "framework-csv", "framework-xlsx"):
        assert engineer.get(reverse(name, args=["cis-9"])).status_code == 404


def test_the_control_lists_its_references_with_degrees(engineer: Client) -> None:
    html = engineer.get(reverse("control", args=["logging-storage-encryption"])).content.decode()
    assert (
        "partly. The requirement asks for customer-managed keys; the control also accepts Microsoft-managed keys"
        in html
    )
    assert f"{reverse('framework', args=['cis-6.0.0'])}?q=6.1.1.3" in html


@pytest.mark.slow(seconds=1)
def test_the_index_counts_the_numbers_of_each_version(engineer: Client) -> None:
    html = engineer.get(reverse("frameworks")).content.decode()
    listed = re.findall(r'<tr[^>]* data-href="([^"]+)".*?</tr>', html, re.DOTALL)
    assert listed == [reverse("framework", args=[key]) for key in NAMES]
    for key, row in zip(NAMES, re.findall(r"<tr[^>]* data-href.*?</tr>", html, re.DOTALL), strict=True):
        total, *numbers = map(int, re.findall(r'<td[^>]* class="num">(\d+)</td>', row))
        full, partly, _, _ = numbers
        assert total == len(framework(key).numbers) == sum(numbers)
        shown = page(engineer, key)
        # For each coverage, the index states the number of requirements that have this coverage in the export.
        content = b"".join(engineer.get(reverse("framework-csv", args=[key]))).decode("utf-8-sig")
        counted = Counter(line["Coverage"] for line in csv.DictReader(io.StringIO(content)))
        for mark, number in zip(COVERAGES.values(), numbers, strict=True):
            assert re.search(rf"<th[^>]*>{mark.label}</th>", html)
            assert number == counted[mark.label], (key, mark.label)
        assert f'<a href="{reverse("frameworks")}">' in shown
        assert full > 0 or not key.startswith("cis"), key
        assert partly > 0, key


@pytest.mark.slow(seconds=1)
def test_pages_say_how_many_requirements_are_beyond_the_version(engineer: Client, world: World) -> None:
    nist = framework("nist-800-53-r5")
    beyond = len(nist.numbers) - nist.published
    words = f"moderate baseline, and {beyond} further requirements"
    assert beyond > 1
    slug = world.home.slug
    for address in (
        reverse("frameworks"),
        reverse("framework", args=[nist.key]),
        reverse("tenant-frameworks", args=[slug]),
        reverse("tenant-framework", args=[slug, nist.key]),
    ):
        html = " ".join(engineer.get(address).content.decode().split())
        assert html.count(words) == 1, address
    assert "further requirements" not in page(engineer, "cis-6.0.0")


def test_controls_link_to_the_index(engineer: Client) -> None:
    assert f'href="{reverse("frameworks")}"' in engineer.get(reverse("controls")).content.decode()


def test_the_controls_by_section_have_a_menu_of_sections(engineer: Client) -> None:
    html = engineer.get(reverse("controls")).content.decode()
    listed = re.findall(r'<details class="phone-fold of-section" id="(section-\d+)"', html)
    assert len(listed) > 20
    assert re.findall(r'href="#(section-\d+)"', html) == listed
    found = engineer.get(reverse("controls"), {"q": "network-rdp-from-internet"}).content.decode()
    assert 'id="section-1"' in found
    assert "Go to section" not in found
