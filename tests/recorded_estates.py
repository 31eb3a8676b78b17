"""Recorded estates, which are not part of the repository.

They are in the folder `shared/estates` beside the clone, or in the folder that SURETY_RECORDED_ESTATES names.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest

_BESIDE: Final = Path(__file__).resolve().parents[2] / "shared" / "estates"
FOLDER: Final = Path(os.environ.get("SURETY_RECORDED_ESTATES", _BESIDE))


def recorded_estate(name: str) -> Path:
    """Return the path of an estate file. Skip the test if the file does not exist."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"{name} does not exist. Set SURETY_RECORDED_ESTATES to a folder with recorded estates.")
    return path
