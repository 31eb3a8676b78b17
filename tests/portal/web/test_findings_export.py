"""Exports: all that the filters show, as it is shown, harmless to spreadsheets, and in bounded memory."""

from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from assessments.models import Finding
from portal.treatment.states import shown_state
from portal.web.components.vocabulary import STATES
from portal.web.findings.export import HEADERS, MOST_CHARACTERS, csv_lines, write_xlsx
from portal.web.findings.filters import FindingFilter
from tests import factories
from tests.portal.web.many import populate
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
def test_all_pages_of_what_is_filtered_are_in_it(crowded: World, sign_in: SignIn, query: str) -> None:
    client = sign_in(crowded.people["auditor"])
    now = timezone.now()
    with factories.in_tenant(crowded.home):
        chosen = FindingFilter.from_query(QueryDict(query), crowded.home, now)
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
            str(row["Finding"]): (row["Subject id"], row["State"], row["Owner's address"] or "")
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


def test_an_owner_exports_what_is_theirs(crowded: World, sign_in: SignIn) -> None:
    owner = crowded.people["owner"]
    found = as_csv(sign_in(owner), crowded)
    assert found
    assert {row["Owner's address"] for row in found} == {owner.email}


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


HARD = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "a\x00b\x0b",
    'a,b"c\nd',
    "ü\U0001f600",
    "\ud800",
    "x" * 40_000,
    "\nx",
    "＝1",  # noqa: RUF001
]


def lines() -> Iterator[tuple[Any, ...]]:
    yield ("Text", "Moment", "Day", "None")
    for text in HARD:
        yield (text, datetime(2026, 11, 25, 12, tzinfo=UTC), date(2026, 11, 25), None)


def test_hard_texts_in_csv() -> None:
    text = b"".join(csv_lines(lines())).decode("utf-8-sig")
    found = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["Text"] for row in found] == [
        "'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\tx", "'\rx", "a\x00b\x0b", "a,b\"c\nd", "ü\U0001f600", "?", "x" * 40_000,
        "'\nx", "'＝1",  # noqa: RUF001
    ]  # fmt: skip
    assert {(row["Moment"], row["Day"], row["None"]) for row in found} == {
        ("2026-11-25 12:00:00", "2026-11-25", "")
    }


def test_hard_texts_in_xlsx() -> None:
    into = io.BytesIO()
    write_xlsx(lines(), into, "Findings")
    rows = list(load_workbook(io.BytesIO(into.getvalue())).active.iter_rows(min_row=2, values_only=True))
    texts = [str(row[0]) for row in rows]
    assert texts[:4] == ["=1+1", "+1", "-1", "@SUM(A1)"]
    assert texts[6] == "a\ufffdb\ufffd"
    assert texts[7:10] == ['a,b"c\nd', "ü\U0001f600", "\ufffd"]
    assert len(texts[10]) == MOST_CHARACTERS
    assert texts[10].endswith("(cut)")
    # a workbook's moments have no zone, and its days are moments
    noon = datetime(2026, 11, 25, 12, tzinfo=UTC).replace(tzinfo=None)
    assert {row[1:] for row in rows} == {(noon, noon.replace(hour=0), None)}


def test_rows_are_not_kept_in_memory() -> None:
    """Ten times as many rows take about as much memory."""

    def peak(count: int, write: Callable[[Iterator[tuple[Any, ...]]], None]) -> int:
        tracemalloc.start()
        write(tuple(f"{name} {number}" for name in HEADERS) for number in range(count))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    def through_csv(rows: Iterator[tuple[Any, ...]]) -> None:
        for _ in csv_lines(rows):
            pass

    assert peak(5000, through_csv) < 2 * peak(500, through_csv)
