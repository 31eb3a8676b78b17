"""Fixture: a customer with one finished assessment."""

from __future__ import annotations

import pytest

from assessments.models import Assessment
from tests.assessments.lifecycle.estates import estate
from tests.assessments.sandboxed_customer import Azure, Customer


@pytest.fixture
def assessed(azure: Azure, customer: Customer) -> tuple[Customer, Assessment]:
    azure.serve(estate())
    customer.add()
    return customer, customer.assess()
