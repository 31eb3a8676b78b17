"""Fixtures: a customer in the sandbox, and an assessment with waiting units."""

from __future__ import annotations

import pytest

from assessments.actions.prepare import prepare
from assessments.models import Assessment
from tests.assessments.actions.unit_leases import FIRST
from tests.assessments.collect.azure import directory, subscription
from tests.assessments.sandboxed_customer import Azure, Customer, ids, sent


@pytest.fixture
def customer(azure: Azure, customer: Customer) -> Customer:
    """A customer with a directory that has one subscription."""
    azure.serve([directory(), *subscription(FIRST)])
    customer.add()
    return customer


@pytest.fixture
def prepared(customer: Customer) -> Assessment:
    """An assessment whose units wait. The messages that would start the units are removed from the queue."""
    assessment = customer.start()
    prepare(**ids(assessment))
    sent()
    return assessment
