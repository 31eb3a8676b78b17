"""An estate that the demonstration's code has generated."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.demo.azure import write_estate
from portal.demo.people import Customer


@pytest.fixture(scope="session")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    customer = Customer("history", "History", "8 subscriptions", 8, 60, 0.3, 5)
    return write_estate(customer, tmp_path_factory.mktemp("estates"))
