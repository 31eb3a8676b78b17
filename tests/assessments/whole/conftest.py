"""A customer that was assessed once."""

from __future__ import annotations

import pytest

from assessments.models import Assessment
from tests.assessments.kit import Azure, Customer
from tests.assessments.whole.kit import estate


@pytest.fixture
def assessed(azure: Azure, customer: Customer) -> tuple[Customer, Assessment]:
    azure.serve(estate())
    customer.add()
    return customer, customer.assess()
