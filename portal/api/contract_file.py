"""The published contract, an OpenAPI document. `make docs` generates the file, and a test checks that the file is up to
date.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

FILE: Final = Path(__file__).with_name("openapi.json")


def generated() -> str:
    """Return the contract that is generated from the code, as JSON in the form in which `FILE` stores it."""
    # Only this function needs the generator, which is slow to import.
    from drf_spectacular.generators import SchemaGenerator

    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    document: dict[str, Any] = generator.get_schema(public=True)  # type: ignore[no-untyped-call]
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


@require_safe
def contract(request: HttpRequest) -> HttpResponse:
    """Send the contract to anybody: it describes the product, not an installation."""
    return HttpResponse(_stored(), content_type="application/vnd.oai.openapi+json;version=3.1")


@cache
def _stored() -> bytes:
    return FILE.read_bytes()
