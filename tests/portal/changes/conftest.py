"""A customer in the sandbox, whose Azure resources the tests change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.assessments.collect.azure import directory, guid, subscription
from tests.assessments.sandboxed_customer import Azure, Customer, sent


@pytest.fixture(scope="session")
def azure_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all tests, so that the sandbox creates its certificate authority only once."""
    return tmp_path_factory.mktemp("azure")


@pytest.fixture
def azure(azure_folder: Path) -> Iterator[Azure]:
    azure = Azure(azure_folder)
    yield azure
    azure.close()


@pytest.fixture
def customer(azure: Azure, committed: None) -> Customer:
    """A customer with a directory that has one subscription."""
    sent()
    azure.serve([directory(), *subscription(guid(1))])
    found = Customer(azure)
    found.add()
    return found
