"""Facet counts are exact: they equal counting by hand, for every filter."""

from __future__ import annotations

from collections import Counter

import pytest

from assessments.models import Finding, Resource
from portal.queries.findings.facet_counts import FACETS, FacetCounts, costly_facets
from portal.queries.findings.filters import FindingFilter
from portal.queries.findings.tags import tag_counts
from portal.queries.parameters import parse_query_string
from portal.treatment.date_buckets import AGE_LABELS, DUE_LABELS
from portal.treatment.states import shown_state
from portal.web.findings.facets import placeholders
from tests import factories
from tests.portal.queries.findings.by_hand import NOW, QUERIES, by_hand, matches, tags_of
from tests.portal.web.random_findings import populate

pytestmark = pytest.mark.slow(seconds=15)


@pytest.mark.parametrize("seed", [1, 2])
def test_counts_equal_counting_by_hand(db: None, seed: int) -> None:
    tenant = factories.tenant()
    people = [factories.person(), factories.person()]
    with factories.in_tenant(tenant):
        populate(tenant, people, NOW, seed)
        everything = Finding.objects.filter(tenant=tenant)
        rows = list(everything.select_related("treatment").annotate(shown=shown_state(NOW)))
        resources = dict(Resource.objects.values_list("key", "tags"))
        cells = {row.pk: by_hand(row, tenant) for row in rows}
        tags = {row.pk: tags_of(row, resources) for row in rows}
        for query in QUERIES:
            chosen = FindingFilter.parse(
                parse_query_string(query.replace("ME", str(people[0].pk))), tenant, NOW
            )
            expected = [row for row in rows if matches(row, cells[row.pk], tags[row.pk], chosen)]
            listed = set(chosen.apply(everything).values_list("pk", flat=True))
            assert listed == {row.pk for row in expected}, query
            facets = {
                name: dict(
                    Counter(
                        cells[row.pk][name]
                        for row in rows
                        if matches(row, cells[row.pk], tags[row.pk], chosen, without=name)
                    )
                )
                for name in FACETS
            }
            looked_up = chosen.look_up_search(everything)
            assert (looked_up.matching_ids is None) == (not chosen.search), query
            for whole, asked in ((False, chosen), (True, chosen), (True, looked_up)):
                part = FacetCounts.of(everything, asked, complete=whole)
                assert {name: dict(counts) for name, counts in part.counts.items()} == facets, query
                assert part.count == len(expected), query
                assert part.total == sum(row.state != "gone" for row in rows), query
                assert dict(part.by_control) == dict(Counter(row.control for row in expected)), query
                for found in part.groups:
                    inside = [row for row in expected if row.control == found.control]
                    states = {key: number for key, number in found.states.items() if number}
                    assert states == dict(Counter(row.shown for row in inside)), query
                    assert set(found.severities) == {row.severity for row in inside}, query


def test_counts_fetched_later_equal_counts_at_once(db: None) -> None:
    """A page loads its costly facets later. All counts on the page, including those of the chosen values, must equal
    the counts of one query for all facets.
    """
    tenant = factories.tenant()
    person = factories.person()
    with factories.in_tenant(tenant):
        populate(tenant, [person, factories.person()], NOW, 1)
        rows = Finding.objects.filter(tenant=tenant)
        for query in QUERIES:
            chosen = FindingFilter.parse(parse_query_string(query.replace("ME", str(person.pk))), tenant, NOW)
            for whole in (True, False):
                at_once = FacetCounts.of(rows, chosen, complete=whole)
                rest = costly_facets(chosen)
                page = FacetCounts.of(
                    rows, chosen.look_up_search(rows, ()), complete=whole, wanted=set(FACETS) - set(rest)
                )
                assert (page.count, page.total) == (at_once.count, at_once.total), query
                assert {found.control: found for found in page.groups} == {
                    found.control: found for found in at_once.groups
                }, query
                for name in FACETS:
                    if name in rest:
                        looked_up = chosen.look_up_search(rows, (name,))
                        fetched = FacetCounts.of(
                            rows, looked_up, complete=whole, wanted=[name], with_groups=False
                        )
                        assert fetched.counts[name] == at_once.counts[name], (query, name)
                        for value, count in page.counts[name].items():
                            assert count == at_once.counts[name][value], (query, name, value)
                    else:
                        assert page.counts[name] == at_once.counts[name], (query, name)
                placeholders(page, chosen, rest, 3)
                for name, values in chosen.values.items():
                    if name in FACETS and len(values) == 1:
                        assert page.counts[name][values[0]] == at_once.counts[name].get(values[0], 0), query


def test_random_findings_cover_every_facet_value(db: None) -> None:
    """If no finding had some value, the tests that compare counts with `by_hand` would not check this value."""
    tenant = factories.tenant()
    people = [factories.person(), factories.person()]
    with factories.in_tenant(tenant):
        populate(tenant, people, NOW, 1)
        rows = (
            Finding.objects.filter(tenant=tenant).select_related("treatment").annotate(shown=shown_state(NOW))
        )
        cells = [by_hand(row, tenant) for row in rows]
    assert {cell["due"] for cell in cells} == set(DUE_LABELS)
    assert {cell["age"] for cell in cells} == set(AGE_LABELS)
    assert {"open", "acknowledged", "excepted", "attested", "lapsed", "gone", "resolved"} <= {
        cell["state"] for cell in cells
    }
    assert len({cell["owner"] for cell in cells}) == 3


@pytest.mark.parametrize("query", ["", "state=open", "tag=env%3Dprod&severity=high"])
def test_tags_are_counted_under_the_other_filters(db: None, query: str) -> None:
    tenant = factories.tenant()
    chosen = FindingFilter.parse(parse_query_string(query), tenant, NOW)
    with factories.in_tenant(tenant):
        populate(tenant, [factories.person()], NOW, 1)
        everything = Finding.objects.filter(tenant=tenant)
        found = tag_counts(everything, chosen)
        rows = list(chosen.without("tag").apply(everything))
        resources = dict(Resource.objects.values_list("key", "tags"))
    expected = Counter(
        f"{name.lower()}={value}" if value else name.lower()
        for row in rows
        for name, value in resources.get(row.subject_key, {}).items()
    )
    assert {
        key.partition("=")[0].lower() + key.partition("=")[1] + key.partition("=")[2]: n
        for key, n in found.items()
    } == dict(expected)
    assert found
