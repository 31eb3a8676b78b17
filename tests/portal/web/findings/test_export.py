"""Exports contain all matching findings with the values of the page, no formulas, and use bounded memory."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from assessments.models import Finding
from portal.queries.findings.filters import FindingFilter
from portal.queries.parameters import parse_query_string
from portal.treatment.states import shown_state
from portal.web.components.vocabulary import STATES
from tests import factories
from tests.portal.web.random_findings import populate
from tests.portal.web.world import SignIn, World


def as_csv(client: Client, world: World, query: str = "") -> list[dict[str, str]]:
    response = client.get(reverse("findings-csv", args=[world.home.slug]) + f"?{query}")
    assert response["Content-Type"].startswith("text/csv")
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(text)))


def as_xlsx(client: Client, world: World, query: str = "") -> list[dict[str, Any]]:
    response = client.get(reverse("findings-xlsx", args=[world.home.slug]) + f"?{query}")
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    book = load_workbook(io.BytesIO(content))
    first, *rows = book.active.iter_rows(values_only=True)
    return [dict(zip([str(name) for name in first], row, strict=True)) for row in rows]


@pytest.fixture
def crowded(world: World) -> World:
    with factories.in_tenant(world.home):
        populate(world.home, [world.people["owner"]], timezone.now(), seed=9, count=150)
    return world


@pytest.mark.parametrize("query", ["", "state=open", "owner=nobody&verdict=fail", "state=gone"])
def test_the_file_has_all_matching_findings(crowded: World, sign_in: SignIn, query: str) -> None:
    client = sign_in(crowded.people["auditor"])
    now = timezone.now()
    with factories.in_tenant(crowded.home):
        chosen = FindingFilter.parse(parse_query_string(query), crowded.home, now)
        rows = chosen.apply(Finding.objects.filter(tenant=crowded.home)).annotate(shown=shown_state(now))
        expected = {
            str(row.pk): (
                row.subject,
                STATES[row.shown].label,
                getattr(getattr(getattr(row, "treatment", None), "owner", None), "email", ""),
            )
            for row in rows.select_related("treatment__owner")
        }
    for found in (as_csv(client, crowded, query), as_xlsx(client, crowded, query)):
        assert {
            str(row["Finding"]): (row["Subject id"], row["State"], row["Owner's email address"] or "")
            for row in found
        } == expected
        assert len(found) == len(expected) > 0


def test_the_file_is_named_after_tenant_and_day(crowded: World, sign_in: SignIn) -> None:
    client = sign_in(crowded.people["auditor"])
    for name, kind in (("findings-csv", "csv"), ("findings-xlsx", "xlsx")):
        response = client.get(reverse(name, args=[crowded.home.slug]))
        wanted = f'filename="findings-{crowded.home.slug}-{timezone.now():%Y-%m-%d}.{kind}"'
        assert wanted in response["Content-Disposition"]
        assert b"".join(response.streaming_content)  # type: ignore[attr-defined]


def test_an_owner_exports_only_their_findings(crowded: World, sign_in: SignIn) -> None:
    owner = crowded.people["owner"]
    found = as_csv(sign_in(owner), crowded)
    assert found
    assert {row["Owner's email address"] for row in found} == {owner.email}


def test_a_subject_that_looks_like_a_formula_is_text(crowded: World, sign_in: SignIn) -> None:
    client = sign_in(crowded.people["auditor"])
    subjects = {row["Subject"] for row in as_csv(client, crowded)}
    assert any(name.startswith("'=account") for name in subjects)
    assert not any(name.startswith("=") for name in subjects)
    assert any(str(row["Subject"]).startswith("=account") for row in as_xlsx(client, crowded))
    response = client.get(reverse("findings-xlsx", args=[crowded.home.slug]))
    book = load_workbook(io.BytesIO(b"".join(response.streaming_content)))  # type: ignore[attr-defined]
    kinds = {cell.data_type for row in book.active.iter_rows() for cell in row if cell.value}
    assert "f" not in kinds
    assert kinds == {"s", "d"}


def test_failing_findings_have_their_fix_and_others_have_none(world: World, sign_in: SignIn) -> None:
    rows = as_csv(sign_in(world.people["auditor"]), world)
    failing = [row for row in rows if row["Verdict"] == "fail"]
    for row in failing:
        assert f"--name {row['Subject']}" in row["Fix"].replace(" \\\n ", "")
        assert "In the portal: " in row["Fix"]
    assert failing
    assert {row["Fix"] for row in rows if row["Verdict"] != "fail"} == {""}


def test_an_unknown_finding_has_the_grant_that_makes_it_known(world: World, engineer: Client) -> None:
    rows = as_csv(engineer, world, "control=network-ssh-from-internet&state=unknown")
    assert [row["How to get a verdict"] for row in rows] == [
        "Grant Microsoft.Network/networkSecurityGroups/read (role Reader) on Production"
    ]
    failing = as_csv(engineer, world, "state=open")
    assert {row["How to get a verdict"] for row in failing} == {""}


def test_observed_values_name_the_networks_of_remarks(world: World, sign_in: SignIn) -> None:
    finding = world.of(world.home)["finding"]
    with factories.in_tenant(world.home):
        remarks = ["Allowed networks: 10.0.0.0/8, 192.0.2.0/24", "Not attached to a subnet"]
        Finding.objects.filter(pk=finding.pk).update(remarks=remarks)
    rows = {row["Finding"]: row for row in as_csv(sign_in(world.people["auditor"]), world)}
    observed = rows[str(finding.pk)]["Observed"]
    assert "Allowed networks: 10.0.0.0/8, 192.0.2.0/24" in observed
    assert "Not attached" not in observed
