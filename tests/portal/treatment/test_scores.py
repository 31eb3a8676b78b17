"""The adjusted score: the example in the documentation, mathematical properties, and counting in the database."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assessments.models import Finding
from assessments.scoring import WEIGHTS, summarize
from portal.treatment.actions.figures.snapshots import take_snapshot
from portal.treatment.models import Treatment
from portal.treatment.scores import Row, Totals, is_known, sum_treated, summarize_treated
from portal.treatment.selectors.scores import count_unassigned, standing, standings
from portal.treatment.states import shown_state
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import person_scope
from tests import factories
from tests.portal.treatment.findings import DAY, FAILING, MANUAL, NOW, make
from tests.portal.treatment.state_cases import CASES as SHOWN

DOCUMENT = Path(__file__).parents[3] / "docs" / "scoring.md"


def table(header: str) -> list[list[str]]:
    """The cells of the table with this header line in docs/scoring.md."""
    lines = DOCUMENT.read_text().splitlines()
    start = lines.index(header) + 2
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def example() -> list[Row]:
    rows = table("| section | severity | outcome | shown state | findings |")
    return [(a, b, c, d, int(count)) for a, b, c, d, count in rows]


def test_the_example_in_the_documentation_is_right() -> None:
    found = summarize_treated(example())
    expected = table("| | raw | adjusted | coverage |")
    assert [row[0] for row in expected] == ["all", "identity", "network", "storage"]
    for name, *figures in expected:
        raw, adjusted = (
            found[kind] if name == "all" else found[kind]["sections"][name] for kind in ("raw", "adjusted")
        )
        wanted = [None if figure == "none" else float(figure) for figure in figures]
        assert [raw["score"], adjusted["score"], raw["coverage"]] == wanted, name
        assert adjusted["coverage"] == raw["coverage"]


def test_unanswered_manual_controls_alone_are_no_score() -> None:
    unread = [("network", "high", "unknown", "unknown", 7)]
    manual: Row = ("network", "low", "manual", "manual", 2)
    attested: Row = ("identity", "low", "manual", "attested", 3)
    found = summarize_treated([*unread, manual, attested])["adjusted"]
    assert found["score"] is None
    assert {name: section["score"] for name, section in found["sections"].items()} == {
        "identity": 100.0,
        "network": None,
    }
    known = summarize_treated([*unread, manual, attested, ("network", "high", "pass", "passing", 1)])
    assert known["adjusted"]["score"] == round(100 * 9 / 11, 1)


def test_the_score_is_100_only_if_nothing_fails() -> None:
    rows: list[Row] = [("sql", "low", "pass", "passing", 2999), ("sql", "low", "fail", "open", 1)]
    assert summarize_treated(rows)["adjusted"]["score"] == sum_treated(rows).score == 99.9


def test_the_sums_in_the_documentation_are_right() -> None:
    """The sums in the text of the example equal those of its rows."""
    text = " ".join(DOCUMENT.read_text().split())
    sums = re.findall(r"so the score is 100 × (\d+) ÷ (\d+) = (\d+\.\d)", text)
    found = summarize_treated(example())
    scores = [found["raw"]["score"], found["adjusted"]["score"]]
    assert [round(100 * int(won) / int(of), 1) for won, of, _ in sums] == scores
    assert [float(score) for _, _, score in sums] == scores
    known, judged = re.search(r"Coverage: (\d+) of (\d+) findings", text).groups()
    assert found["raw"]["coverage"] == round(100 * int(known) / int(judged), 1)


def test_the_weights_in_the_documentation_are_right() -> None:
    lines = DOCUMENT.read_text().splitlines()
    names = next(line for line in lines if line.startswith("| severity | critical"))
    weights = next(line for line in lines if line.startswith("| weight"))
    cells = [[cell.strip() for cell in line.strip("|").split("|")][1:] for line in (names, weights)]
    assert dict(zip(cells[0], map(int, cells[1]), strict=True)) == WEIGHTS


def low(outcome: str, shown: str, count: int = 1) -> Row:
    return ("sql", "low", outcome, shown, count)


# {case: (rows, raw score, adjusted score)}
TABLE: dict[str, tuple[list[Row], float | None, float | None]] = {
    "nothing": ([], None, None),
    "one of each": ([low("pass", "passing"), low("fail", "open")], 50.0, 50.0),
    "acknowledged is a failure": ([low("pass", "passing"), low("fail", "acknowledged")], 50.0, 50.0),
    "excepted is left out": ([low("pass", "passing"), low("fail", "excepted")], 50.0, 100.0),
    "everything excepted is no score": ([low("fail", "excepted", 9)], 0.0, None),
    "attested alone": ([low("manual", "attested")], None, 100.0),
    "attested as not met": ([low("manual", "not_met"), low("pass", "passing")], 100.0, 50.0),
    "an expired attestation fails": ([low("manual", "lapsed"), low("pass", "passing", 3)], 100.0, 75.0),
    "an unanswered one fails": ([low("manual", "manual", 3), low("pass", "passing")], 100.0, 25.0),
    "unknown is in neither": ([low("unknown", "unknown", 5), low("pass", "passing")], 100.0, 100.0),
    "not applicable is in neither": ([low("not_applicable", "not_applicable")], None, None),
    "resolved passes": ([low("pass", "resolved")], 100.0, 100.0),
}


def totals_of_summary(rows: list[Row]) -> Totals:
    """The totals, taken from the summaries by section."""
    found = summarize_treated(rows)
    opened: dict[str, int] = {}
    for (_, severity, shown), number in found["shown"].items():
        if shown == "open":
            opened[severity] = opened.get(severity, 0) + number
    return Totals(
        score=found["adjusted"]["score"],
        coverage=found["raw"]["coverage"],
        unknown=found["raw"]["counts"].get("unknown", 0),
        open=opened,
        states=found["states"],
        is_unknown=not is_known(found["raw"]),
    )


@pytest.mark.parametrize("name", list(TABLE))
def test_the_totals_of_small_cases(name: str) -> None:
    rows = [*TABLE[name][0], ("network", "high", "unknown", "unknown", 3)]
    assert sum_treated(TABLE[name][0]) == totals_of_summary(TABLE[name][0])
    assert sum_treated(rows) == totals_of_summary(rows)


@pytest.mark.parametrize("name", list(TABLE))
def test_the_adjusted_score_of_small_cases(name: str) -> None:
    rows, raw, adjusted = TABLE[name]
    found = summarize_treated(rows)
    assert (found["raw"]["score"], found["adjusted"]["score"]) == (raw, adjusted)


def test_the_adjusted_counts_include_exceptions() -> None:
    found = summarize_treated(
        [
            low("fail", "open", 2),
            low("fail", "excepted", 3),
            low("manual", "lapsed", 4),
            low("manual", "manual"),
        ]
    )
    assert found["raw"]["counts"] == {"fail": 5, "manual": 5}
    assert found["adjusted"]["counts"] == {"excepted": 3, "fail": 7}
    assert found["adjusted"]["failing"] == {"low": 7}
    assert found["states"] == {"excepted": 3, "lapsed": 4, "manual": 1, "open": 2}


def test_a_severity_without_a_weight_is_an_error() -> None:
    with pytest.raises(KeyError):
        summarize_treated([("sql", "grave", "pass", "passing", 1)])


KINDS = [
    ("pass", "passing"), ("pass", "resolved"), ("fail", "open"), ("fail", "acknowledged"), ("fail", "excepted"),
    ("manual", "manual"), ("manual", "attested"), ("manual", "not_met"), ("manual", "lapsed"),
    ("unknown", "unknown"), ("not_applicable", "not_applicable"),
]  # fmt: skip
ROWS = st.lists(
    st.builds(
        lambda section, severity, kind, count: (section, severity, *kind, count),
        st.sampled_from(["sql", "vm"]), st.sampled_from(sorted(WEIGHTS)), st.sampled_from(KINDS),
        st.integers(1, 50),
    )
)  # fmt: skip


def adjusted(rows: list[Row]) -> float | None:
    score: float | None = summarize_treated(rows)["adjusted"]["score"]
    return score


def as_plain(rows: list[Row], excepted: str | None, lapsed: str) -> float | None:
    """Return the plain score of the rows if excepted failures have the outcome `excepted`, attested findings pass, and
    all other manual findings have the outcome `lapsed`.
    """
    words = {"excepted": excepted, "attested": "pass", "not_met": lapsed, "lapsed": lapsed, "manual": lapsed}
    plain = [(a, b, words.get(shown, outcome) or "unknown", n) for a, b, outcome, shown, n in rows]
    score: float | None = summarize(plain)["score"]
    return score


@pytest.mark.slow(seconds=1)
@given(ROWS)
def test_the_totals_equal_the_summary(rows: list[Row]) -> None:
    assert sum_treated(rows) == totals_of_summary(rows)


@given(ROWS)
def test_the_adjusted_score_is_between_its_extremes(rows: list[Row]) -> None:
    """If excepted failures counted as failures, the score would not be higher. If they counted as passes, it would not
    be lower.
    """
    found = summarize_treated(rows)
    score = found["adjusted"]["score"]
    harsh, mild = as_plain(rows, "fail", "fail"), as_plain(rows, "pass", "fail")
    if score is not None:
        assert harsh is not None
        assert mild is not None
        assert harsh <= score <= mild
    assert found["raw"] == summarize([(a, b, outcome, n) for a, b, outcome, _, n in rows])
    assert sum(found["states"].values()) == sum(row[-1] for row in rows)
    assert sum(found["adjusted"]["counts"].values()) == sum(row[-1] for row in rows)
    assert found["adjusted"]["coverage"] == found["raw"]["coverage"]


@pytest.mark.slow(seconds=1)
@given(ROWS, st.sampled_from(sorted(WEIGHTS)))
def test_improvements_never_lower_the_score(rows: list[Row], severity: str) -> None:
    """A further excepted or unknown finding does not change the score. A failure never raises it, and a pass never
    lowers it.
    """
    # Without passes and failures, an excepted finding could turn the score None into a number.
    assume(any(outcome in ("pass", "fail") for _, _, outcome, _, count in rows if count))

    def more(outcome: str, shown: str) -> float | None:
        return adjusted([*rows, ("sql", severity, outcome, shown, 1)])

    before = adjusted(rows)
    failing, excepted, passing = more("fail", "open"), more("fail", "excepted"), more("pass", "passing")
    assert failing is not None
    assert passing is not None
    assert excepted == before
    assert before is None or failing <= before <= passing
    assert more("fail", "acknowledged") == more("manual", "lapsed") == more("manual", "not_met") == failing
    assert more("manual", "manual") == failing
    assert more("manual", "attested") == passing
    assert more("unknown", "unknown") == before


def plain_count(tenant: Tenant, now: datetime) -> list[Row]:
    """Return the counts, computed finding by finding in Python."""
    rows: dict[tuple[str, str, str, str], int] = {}
    for finding in Finding.objects.filter(tenant=tenant, gone_at__isnull=True).annotate(
        shown=shown_state(now)
    ):
        key = (finding.section, finding.severity, finding.outcome, str(finding.shown))
        rows[key] = rows.get(key, 0) + 1
    return [(*key, count) for key, count in sorted(rows.items())]


def fill(tenant: Tenant, person: Any) -> None:
    """Create one finding for every case of the shown states."""
    for number, (finding, treatment, _) in enumerate(SHOWN.values()):
        row = make(tenant, finding, number)
        if treatment is not None:
            values: dict[str, Any] = dict(treatment)
            if "acknowledged_failing_since" in values:
                values |= {"acknowledged_by": person, "acknowledged_at": NOW}
            Treatment.objects.create(tenant=tenant, finding=row, **values)


@pytest.mark.parametrize("days", [-30, -1, 0, 1, 30])
def test_the_database_counts_like_the_plain_computation(db: None, days: int) -> None:
    tenant, person = factories.tenant(), factories.person()
    now = NOW + days * DAY
    with factories.in_tenant(tenant):
        fill(tenant, person)
        found = standing(tenant, now)
        expected = summarize_treated(plain_count(tenant, now))
        merged = [standings([tenant], now, by_section=False)[tenant.pk]]
        take_snapshot(tenant=tenant, now=now)
        merged.append(standings([tenant], now, by_section=False)[tenant.pk])
    assert {name: getattr(found, name) for name in expected} == expected
    for without_sections in merged:
        for name in ("score", "coverage", "counts", "failing"):
            assert without_sections.raw[name] == found.raw[name]
            assert without_sections.adjusted[name] == found.adjusted[name]
        assert without_sections.states == found.states
        assert without_sections.overdue == found.overdue
        assert without_sections.open("high") == found.open("high")
    assert sum(found.states.values()) == sum(
        1 for finding, _, _ in SHOWN.values() if "gone_at" not in finding
    )


def test_many_tenants_need_as_many_queries_as_one(db: None, django_assert_num_queries: Any) -> None:
    owner = factories.organization()
    first, second, empty = (factories.tenant(owner) for _ in range(3))
    person = factories.member(Role.ORGANIZATION_ENGINEER, owner)
    for tenant, number in ((first, 1), (second, 3)):
        with factories.in_tenant(tenant):
            for place in range(number):
                make(tenant, FAILING, place)
    with person_scope(person), django_assert_num_queries(5):
        found = standings([first, second, empty], NOW)
    places = [found[tenant.pk] for tenant in (first, second, empty)]
    assert [place.raw["counts"] for place in places] == [{"fail": 1}, {"fail": 3}, {}]
    with person_scope(person):
        assert [count_unassigned(tenant, NOW) for tenant in (first, second, empty)] == [1, 3, 0]


def test_overdue_and_unassigned_findings_are_counted(db: None) -> None:
    """Overdue findings depend on the policy of the tenant, and excepted findings are not overdue. Of unassigned
    findings, only open ones count.
    """
    owner = factories.organization()
    strict, mild = factories.tenant(owner), factories.tenant(owner)
    person = factories.member(Role.ORGANIZATION_ENGINEER, owner)
    with factories.in_tenant(strict):
        strict.due_days = {**strict.due_days, "high": 5}
        strict.save()
    cover = {"excepted_sha256": "a" * 64, "excepted_from": NOW - DAY, "excepted_until": NOW + DAY}
    mine = {"owner": person, "owner_source": "hand", "owned_at": NOW}
    old = {**FAILING, "failing_since": NOW - 31 * DAY}
    made: list[tuple[dict[str, Any], dict[str, Any] | None]] = [
        (FAILING, None),
        (FAILING, mine),
        (FAILING, cover),
        (old, None),
        (MANUAL, None),
        (MANUAL, {"attested_met": True, "attested_until": NOW + DAY}),
        ({"outcome": "pass", "state": "passing"}, None),
        ({**FAILING, "state": "gone", "gone_at": NOW}, None),
    ]
    for tenant in (strict, mild):
        with factories.in_tenant(tenant):
            for number, (finding, treatment) in enumerate(made):
                row = make(tenant, finding, number)
                if treatment is not None:
                    Treatment.objects.create(tenant=tenant, finding=row, **treatment)
    with person_scope(person):
        waiting = standings([strict, mild], NOW)
        later = standings([mild], NOW + timedelta(days=40))
        free = [
            count_unassigned(strict, NOW),
            count_unassigned(mild, NOW),
            count_unassigned(mild, NOW + timedelta(days=40)),
        ]
    assert waiting[strict.pk].overdue == {"high": 3}
    assert waiting[mild.pk].overdue == {"high": 1}
    assert waiting[strict.pk].overdue_total == 3
    # After 40 days, the cover and the attestation have ended.
    assert later[mild.pk].overdue == {"high": 4}
    assert free == [2, 2, 3]
