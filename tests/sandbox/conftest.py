from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.estates import main_estate, other_estate
from tests.sandbox.running import Running, running, write_estate


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state directory with the CA of this run's sandboxes."""
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, state: Path) -> Iterator[Running]:
    """A sandbox with two customers' estates, pages of three objects and no throttling."""
    folder = tmp_path_factory.mktemp("estates")
    files = [
        write_estate(folder / "main.jsonl", main_estate()),
        write_estate(folder / "other.jsonl", other_estate()),
    ]
    with running(state, *files, "--page-size", "3", "--no-throttle") as sandbox:
        yield sandbox
