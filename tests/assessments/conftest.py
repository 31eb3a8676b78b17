"""Fixtures: a sandbox and a customer in it, with an empty queue for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

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
    """A customer without a directory."""
    sent()
    return Customer(azure)
