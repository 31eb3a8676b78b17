"""The results of a tenant for a framework: pages, exports, roles, isolation. The counts equal those of the list of
findings.
"""

from __future__ import annotations

import csv
import html as markup
import io
import re
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from assessments.frameworks.framework import NAMES, framework
from assessments.models import Assessment
from tests import factories
from tests.portal.web.frameworks.requirement_rows import requirement_rows
from tests.portal.web.world import SignIn, World

ADDRESSES = ("tenant-framework", "tenant-framework-csv", "tenant-framework-xlsx")


def page(client: Client, world: World, key: str = "cis-6.0.0", query: str = "") -> str:
    response = client.get(reverse("tenant-framework", args=[world.home.slug, key]) + query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("key", NAMES)
def test_every_number_has_a_result(engineer: Client, world: World, key: str) -> None:
    listed = requirement_rows(page(engineer, world, key))
    assert list(listed) == list(framework(key).numbers)
    assert all('class="badge' in row for row in listed.values())


def test_results_follow_from_findings(engineer: Client, world: World) -> None:
    listed = requirement_rows(page(engineer, world))
    # Two of three accounts accept HTTP.
    assert "Failed" in listed["9.3.4"]
    assert "2 failing" in listed["9.3.4"]
    assert "1 passing" in listed["9.3.4"]
    # Security groups could not be read.
    assert "Unknown" in listed["7.2"]
    # No directory was assessed, so this requirement has no findings.
    assert "Not assessed" in listed["5.1.1"]
    assert "Not covered" in requirement_rows(page(engineer, world, "nist-800-53-r5"))["AC-1"]


@pytest.mark.slow(seconds=4)
def test_counts_are_those_of_the_linked_list(engineer: Client, world: World) -> None:
    """Each count equals the number of rows in the list to which it links."""
    checked = 0
    for row in list(requirement_rows(page(engineer, world)).values()) + list(
        requirement_rows(page(engineer, world, "mcsb-1")).values()
    ):
        for address, count in re.findall(r'<a class="sub" href="([^"]+)">(\d+) ', row):
            url = markup.unescape(address)
            export = reverse("findings-csv", args=[world.home.slug]) + "?" + urlsplit(url).query
            if parse_qs(urlsplit(url).query).keys() != {"control", "state"}:
                raise AssertionError(url)
            content = b"".join(engineer.get(export)).decode("utf-8-sig")
            assert len(list(csv.DictReader(io.StringIO(content)))) == int(count), url
            checked += 1
    assert checked > 20


def test_filters_by_result_and_search(engineer: Client, world: World) -> None:
    failed = requirement_rows(page(engineer, world, query="?result=failed"))
    assert "9.3.4" in failed
    assert all("Failed" in row for row in failed.values())
    assert list(requirement_rows(page(engineer, world, query="?result=failed&q=9.3.4"))) == ["9.3.4"]
    assert "No requirements match" in page(engineer, world, query="?result=met&section=2.1")


@pytest.mark.slow(seconds=1)
def test_the_bar_has_the_numbers_of_the_filter(engineer: Client, world: World) -> None:
    url = reverse("tenant-framework", args=[world.home.slug, "cis-6.0.0"])
    whole = engineer.get(url).context
    level = next(option.value for f in whole["facets"] if f.name == "level" for option in f.options)
    for query in (f"?level={level}", f"?level={level}&result=failed", "?q=storage"):
        context = engineer.get(url + query).context
        (facet,) = (found for found in context["facets"] if found.name == "result")
        assert dict(context["counts"]) == {
            option.value: option.count for option in facet.options if option.count
        }
        assert sum(dict(context["counts"]).values()) < whole["total"]
        listed = sum(len(group.rows) for group in context["groups"])
        assert f"{listed} of {whole['total']} requirements match" in page(engineer, world, query=query)


def test_without_a_matching_requirement_there_is_no_bar(engineer: Client, world: World) -> None:
    assert "stackbar" in page(engineer, world)
    empty = page(engineer, world, query="?q=nosuchword")
    assert "stackbar" not in empty
    assert "0 of 127 requirements match" in empty


def test_a_longer_limit_makes_the_number_partly(engineer: Client, world: World) -> None:
    assert "Missing:" not in requirement_rows(page(engineer, world))["9.3.1.2"]
    with factories.in_tenant(world.home):
        changed = {"storage-key-rotation": {"max_age": 3650}}
        Assessment.objects.filter(tenant=world.home).update(parameters=changed)
    assert "older than 90 days" in requirement_rows(page(engineer, world))["9.3.1.2"]


def test_the_exports_have_the_results(engineer: Client, world: World) -> None:
    arguments = [world.home.slug, "cis-6.0.0"]
    content = b"".join(engineer.get(reverse("tenant-framework-csv", args=arguments)))
    table = {row["Number"]: row for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig")))}
    assert list(table) == list(framework("cis-6.0.0").numbers)
    assert table["9.3.4"]["Result"] == "Failed"
    assert (table["9.3.4"]["Failing findings"], table["9.3.4"]["Passing findings"]) == ("2", "1")
    other = engineer.get(reverse("tenant-framework-csv", args=[world.home.slug, "nist-800-53-r5"]))
    uncovered = next(csv.DictReader(io.StringIO(b"".join(other).decode("utf-8-sig"))))
    assert (uncovered["Number"], uncovered["Result"], uncovered["Failing findings"]) == (
        "AC-1",
        "Not covered",
        "0",
    )
    response = engineer.get(reverse("tenant-framework-xlsx", args=arguments) + "?result=failed")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response)))
    header, *lines = book["Numbers"].iter_rows(values_only=True)
    assert {line[header.index("Result")] for line in lines} == {"Failed"}
    failing = {line[header.index("Number")]: line[header.index("Failing findings")] for line in lines}
    assert failing["9.3.4"] == 2


def test_the_list_of_frameworks_counts_every_number_once(engineer: Client, world: World) -> None:
    html = engineer.get(reverse("tenant-frameworks", args=[world.home.slug])).content.decode()
    for key, name in NAMES.items():
        assert reverse("tenant-framework", args=[world.home.slug, key]) in html
        label = re.search(rf'aria-label="{re.escape(name)}: ([^"]+)"', html)
        assert label
        assert sum(map(int, re.findall(r"\d+", label[1]))) == len(framework(key).numbers)


def test_a_tenant_without_assessment_says_so(engineer: Client, world: World, sign_in: SignIn) -> None:
    bare = factories.tenant(world.organization, "Bare Customer")
    client = sign_in(world.people["organization_engineer"])
    for address in ("tenant-frameworks", "tenant-framework"):
        arguments = [bare.slug, "cis-6.0.0"][: 1 if address == "tenant-frameworks" else 2]
        html = client.get(reverse(address, args=arguments)).content.decode()
        assert "has not been assessed yet" in html
        assert "not assessed" in html.lower()


@pytest.mark.parametrize("address", ADDRESSES)
def test_foreign_tenants_and_unknown_frameworks_are_not_found(
    engineer: Client, world: World, address: str
) -> None:
    assert engineer.get(reverse(address, args=[world.foreign.slug, "cis-6.0.0"])).status_code == 404
    assert engineer.get(reverse(address, args=[world.home.slug, "cis-9"])).status_code == 404


@pytest.mark.parametrize("address", ADDRESSES)
def test_people_who_see_only_their_own_findings_are_refused(
    world: World, sign_in: SignIn, address: str
) -> None:
    """Results computed from a part of the tenant's findings would be wrong."""
    response = sign_in(world.people["owner"]).get(reverse(address, args=[world.home.slug, "cis-6.0.0"]))
    assert response.status_code == 403


def test_a_foreign_tenants_findings_are_not_counted(engineer: Client, world: World, sign_in: SignIn) -> None:
    with factories.in_tenant(world.home):
        assert Assessment.objects.filter(tenant=world.foreign).count() == 0
    counted = requirement_rows(page(engineer, world))["9.3.4"]
    assert re.findall(r">(\d+) (failing|passing)<", counted) == [("2", "failing"), ("1", "passing")]
