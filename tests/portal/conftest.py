"""Fixtures for tests in which an auditor without Surety verifies reports."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement


@pytest.fixture(scope="session")
def only_pyhanko(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with links to pyHanko and to what its distribution requires, and to nothing else."""
    folder = tmp_path_factory.mktemp("site-packages")
    waiting, seen = ["pyhanko"], set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        distribution = importlib.metadata.distribution(name)
        for requirement in distribution.requires or []:
            parsed = Requirement(requirement)
            if parsed.marker is None or parsed.marker.evaluate({"extra": ""}):
                waiting.append(parsed.name.lower())
        for file in distribution.files or []:
            top = folder / file.parts[0]
            if not top.exists() and file.parts[0] not in ("..", "__pycache__"):
                top.symlink_to(Path(str(distribution.locate_file(file.parts[0]))))
    assert not {"django", "portal", "pikepdf", "typst"} & {path.name for path in folder.iterdir()}
    return folder
