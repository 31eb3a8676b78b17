"""Azure for the tests of whole assessments; nothing that one test sent is done by another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.assessments.sandboxed_customer import Azure, Customer, sent


@pytest.fixture(scope="session")
def azure_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all, so that the sandbox's certificate authority is made once."""
    return tmp_path_factory.mktemp("azure")


@pytest.fixture
def azure(azure_folder: Path) -> Iterator[Azure]:
    azure = Azure(azure_folder)
    yield azure
    azure.close()


@pytest.fixture
def customer(azure: Azure, committed: None) -> Customer:
    """A tenant without a directory yet."""
    sent()
    return Customer(azure)
