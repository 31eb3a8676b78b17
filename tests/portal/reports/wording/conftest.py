"""Fixtures that load the program that updates the translations of reports."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings


@pytest.fixture(scope="session")
def tool() -> Any:
    """The program that updates the catalogues."""
    path = Path(settings.BASE_DIR) / ".ci" / "translations.py"
    spec = importlib.util.spec_from_file_location("translations", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(path.parent))
        spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def sentences(tool: Any) -> dict[str, list[Any]]:
    """All sentences of reports with their translations, by language."""
    return {language: tool.translations(language) for language in tool.languages()}
