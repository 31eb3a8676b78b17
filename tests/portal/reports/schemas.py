"""Validate files inside reports with the published schemas, and OSCAL files with NIST's schema and a library."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
from oscal_validate.findings import Severity
from oscal_validate.validator import validate_file
from pydantic import ValidationError
from trestle.oscal.assessment_results import AssessmentResults

from portal.portfolio_reports.published_schemas import schema_text

FILES = {"results.json": "results", "evidence-manifest.json": "evidence-manifest"}
OSCAL = "oscal-assessment-results.json"
# All property names in Surety's OSCAL files. NIST's schema of assessment results 1.1.2 has each of them. The program
# `oscal_validate` knows only a newer schema, so it cannot check the names. Look up new names in the schema 1.1.2.
NAMES_IN_OSCAL_1_1 = set(
    "assessment-results uuid metadata title last-modified version oscal-version import-ap href results back-matter"
    " resources description start end props name ns value reviewed-controls control-selections include-controls"
    " control-id include-all observations methods collected relevant-evidence findings target type target-id status"
    " state reason remarks related-observations observation-uuid related-risks risk-uuid risks statement"
    " deadline".split()
)


@cache
def validator(name: str) -> Any:
    kind = jsonschema.Draft202012Validator
    schema = json.loads(schema_text(name))
    kind.check_schema(schema)
    return kind(schema, format_checker=kind.FORMAT_CHECKER)


def problems(name: str, content: Any) -> list[str]:
    """Return the errors that the schema finds in the content. For alternatives (`anyOf`), return the most likely
    cause.
    """
    causes = (jsonschema.exceptions.best_match([error]) for error in validator(name).iter_errors(content))
    return [f"{cause.json_path}: {cause.message[:200]}" for cause in causes]


def problems_of_attachments(files: dict[str, bytes], folder: Path) -> list[str]:
    """Return the errors that schemas find in the files with a schema. Raises KeyError if one of `FILES` is missing."""
    found = [
        f"{file} {problem}"
        for file, name in FILES.items()
        for problem in problems(name, json.loads(files[file]))
    ]
    if OSCAL in files:
        found += [f"{OSCAL} {problem}" for problem in oscal_problems(json.loads(files[OSCAL]), folder)]
    return found


def oscal_problems(document: Any, folder: Path) -> list[str]:
    """Return the errors that NIST's schema, its constraints and `AssessmentResults` find, and the names that are not
    in OSCAL 1.1.
    """
    path = folder / OSCAL
    path.write_text(json.dumps(document))
    errors = [one for one in validate_file(path) if one.severity is Severity.ERROR]
    found = [f"{error.location}: {error.code} {error.message}" for error in errors]
    try:
        AssessmentResults.model_validate(document["assessment-results"])
    except ValidationError as refused:
        found += [f"{error['loc']}: {error['msg']}" for error in refused.errors()]
    return found + [f"{name} is not in OSCAL 1.1" for name in set(_names(document)) - NAMES_IN_OSCAL_1_1]


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for item in value.values():
            yield from _names(item)
    elif isinstance(value, list):
        for item in value:
            yield from _names(item)
