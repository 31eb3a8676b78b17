"""Deprecated operations, with an operation that only this test declares."""

from __future__ import annotations

from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest
from drf_spectacular.generators import SchemaGenerator

from portal.api.deprecation import deprecated
from tests.portal.api.conftest import Api
from tests.portal.api.deprecated_urls import SINCE, SUNSET
from tests.portal.web.world import World

OLD, NAMES = "/api/v1/old", {"Deprecation", "Sunset"}


@pytest.mark.urls("tests.portal.api.deprecated_urls")
def test_answers_of_a_deprecated_operation_have_both_headers(world: World, api: Api) -> None:
    client = api("auditor")
    for query, status in (("", 200), ("?missing", 404)):
        answer = client.get(OLD + query)
        assert answer.status_code == status
        # Deprecation is a date of RFC 9651: @ and an integer (RFC 9745, section 2.1). Sunset is an HTTP date (RFC 8594,
        # section 3).
        assert answer.headers["Deprecation"] == f"@{int(SINCE.timestamp())}"
        assert parsedate_to_datetime(answer.headers["Sunset"]) == SUNSET
    assert 'rel="next"' in client.get(OLD).headers["Link"]
    for other in (client.post(OLD), client.get("/api/v1/customers")):
        assert other.status_code in (200, 201)
        assert not NAMES & set(other.headers)


@pytest.mark.slow(seconds=1)
def test_contract_marks_a_deprecated_operation() -> None:
    paths = SchemaGenerator(urlconf="tests.portal.api.deprecated_urls").get_schema(public=True)["paths"]
    old, other = paths[OLD]["get"], paths[OLD]["post"]
    assert old["deprecated"] is True
    assert old["description"].endswith(
        "Deprecated since 2027-03-01: use `list_findings`. This operation ends on 2028-03-01."
    )
    for status, response in old["responses"].items():
        assert set(response["headers"]) >= NAMES, status
        assert response["headers"]["Sunset"]["required"] is (status == "200")
    assert "deprecated" not in other
    assert not NAMES & set(other["responses"]["201"].get("headers", {}))


def test_operation_ends_half_a_year_after_its_deprecation_at_the_earliest() -> None:
    with pytest.raises(ValueError, match="at least 180 days"):
        deprecated(since=SINCE, sunset=SINCE + timedelta(days=179), instead="list_findings")
