"""The command `surety`: assess customers, read findings and fetch signed reports from a terminal or a pipeline."""

from __future__ import annotations

from typing import Final

VERSION: Final = "0.1.0"
