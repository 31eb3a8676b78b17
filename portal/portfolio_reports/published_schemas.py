"""The JSON Schemas that Surety publishes. They describe files in reports, portfolio reports and evidence bundles."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from portal.portfolio_reports.attachments import SCHEMA_FILE
from portal.reports.attachments.schemas import schema_of

PORTFOLIO: Final = "portfolio"
# {name in the URL and in docs/schemas: what the schema describes}
PUBLISHED: Final[Mapping[str, str]] = {
    "results": "results.json in reports of every kind on a customer",
    "evidence-manifest": "evidence-manifest.json in reports on a customer",
    "evidence": "a line of evidence.jsonl in evidence bundles",
    PORTFOLIO: "results.json in portfolio reports",
}


def schema_text(name: str) -> str:
    """Return the schema as text. Raises KeyError for a name that is not one of `PUBLISHED`.

    The text depends on the code only, so a test can compare it with the file in `docs/schemas/`.
    """
    schema = json.loads(SCHEMA_FILE.read_text()) if name == PORTFOLIO else schema_of(name)
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
