"""A customer in the sandbox, whose Azure resources the tests change."""

from __future__ import annotations

import pytest

from tests.assessments.collect.azure import directory, guid, subscription
from tests.assessments.sandbox_fixtures import azure, azure_folder
from tests.assessments.sandboxed_customer import Azure, Customer, sent

__all__ = ["azure", "azure_folder", "customer"]


@pytest.fixture
def customer(azure: Azure, committed: None) -> Customer:
    """A customer with a directory that has one subscription."""
    sent()
    azure.serve([directory(), *subscription(guid(1))])
    found = Customer(azure)
    found.add()
    return found
