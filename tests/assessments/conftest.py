"""Fixtures: a sandbox and a customer in it, with an empty queue for each test."""

from __future__ import annotations

import pytest

from tests.assessments.sandbox_fixtures import azure, azure_folder
from tests.assessments.sandboxed_customer import Azure, Customer, sent

__all__ = ["azure", "azure_folder", "customer"]


@pytest.fixture
def customer(azure: Azure, committed: None) -> Customer:
    """A customer without a directory."""
    sent()
    return Customer(azure)
