"""The fixtures of the sandbox of a test. A `conftest.py` that imports them offers them to its tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.assessments.sandboxed_customer import Azure

__all__ = ["azure", "azure_folder"]


@pytest.fixture(scope="session")
def azure_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all tests, so that the sandbox creates its certificate authority only once."""
    return tmp_path_factory.mktemp("azure")


@pytest.fixture
def azure(azure_folder: Path) -> Iterator[Azure]:
    azure = Azure(azure_folder)
    yield azure
    azure.close()
