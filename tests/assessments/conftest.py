"""Azure for the tests of whole assessments; nothing that one test sent is done by another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from tests.assessments.kit import Azure, Customer, sent


@pytest.fixture(scope="session")
def azure_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all, so that the sandbox's certificate authority is made once."""
    return tmp_path_factory.mktemp("azure")


@pytest.fixture
def azure(azure_folder: Path) -> Iterator[Azure]:
    azure = Azure(azure_folder)
    yield azure
    azure.close()


@pytest.fixture(scope="module")
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The database with real commits, emptied once a module: each test has a tenant of its own."""
    with django_db_blocker.unblock():
        yield
        call_command(
            "flush", verbosity=0, interactive=False, reset_sequences=False, inhibit_post_migrate=True
        )
        connection.close()


@pytest.fixture
def customer(azure: Azure, committed: None) -> Customer:
    """A tenant without a directory yet."""
    sent()
    return Customer(azure)
