"""Pages of one customer do not read the exceptions of the reader's other customers.

Row-level security permits reading these exceptions. So a query must limit not only its findings but also its exceptions
to the customer. Otherwise PostgreSQL reads the exceptions of all the reader's customers.
"""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.portal.web.requests import page
from tests.portal.web.world import World

# Matches a subquery for the findings that an exception covers. The group captures the alias of the treatments.
_COVERED = re.compile(r'SELECT "U0"\."id"(?:(?!SELECT).)*?"(U\d)"\."excepted_until" > (?:(?!SELECT).)*')


@pytest.mark.parametrize(
    "query", ["?state=open", "?state=open&layout=list&sort=due", "?layout=list&sort=due"]
)
def test_exceptions_of_other_customers_are_not_read(engineer: Client, world: World, query: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        page(engineer, "findings", world.home.slug, query=query)
    found = [match for one in queries for match in _COVERED.finditer(one["sql"].replace("\n", " "))]
    assert found
    for match in found:
        assert f'"{match[1]}"."tenant_id" = \'' in match[0], match[0]
