"""JSON Schemas (2020-12) of the evidence manifest of a report and of the evidence in its bundle."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, Final

from portal.reports.attachments.files import LARGE_MANIFEST_FORMAT, MANIFEST_FORMAT

type Schema = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
SHA256: Final[Schema] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
TIME: Final[Schema] = {
    "type": "string",
    "format": "date-time",
    "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$",
}
NUMBER: Final[Schema] = {"type": "integer", "minimum": 0}


def object_schema(properties: Mapping[str, Schema], optional: Collection[str] = ()) -> Schema:
    """Return the schema of an object with these properties and no others."""
    return {
        "type": "object",
        "properties": dict(sorted(properties.items())),
        "required": sorted(name for name in properties if name not in optional),
        "additionalProperties": False,
    }


@cache
def manifest_schema() -> Schema:
    """Return the schema of evidence-manifest.json."""
    text: Schema = {"type": "string"}
    evidence = object_schema(
        {
            "sha256": SHA256 | {"description": "SHA-256 of the content as canonical JSON"},
            "source": text | {"description": "The API that answered"},
            "collection": text,
            "document_id": text,
            "api_version": text,
            "request_id": text | {"description": "The id that the API gave the request; can be empty"},
            "collected_at": TIME | {"description": "When this content was first read"},
        }
    )
    cited = {
        "description": "The id of a document, and the items of evidence that contain parts of the document",
        "type": "array",
        "prefixItems": [text, {"type": "array", "items": {"anyOf": [SHA256, NUMBER]}}],
        "items": False,
        "minItems": 2,
    }
    unit = object_schema(
        {
            "unit": text | {"description": "Scope id: /subscriptions/… or directory:…"},
            "name": text,
            "manifest_sha256": {
                "type": "string",
                "pattern": "^([0-9a-f]{64})?$",
                "description": "SHA-256 of this object without the keys “name” and “manifest_sha256”. Before hashing,"
                " replace each number that refers to an item of evidence by the SHA-256 of the item",
            },
            "subscriptions": {"type": "array", "items": text},
            "lists": {
                "type": "array",
                "items": SHA256,
                "description": "SHA-256 of evidence, such as a list, that shows that a certain document does not exist",
            },
            "answers": {
                "description": "{collection: {scope that was read: [document]}}",
                "type": "object",
                "additionalProperties": {
                    "type": "object",
                    "additionalProperties": {"type": "array", "items": cited},
                },
            },
        },
        optional=("subscriptions", "answers", "lists"),
    )
    gap = object_schema(
        dict.fromkeys(
            ("collection", "scope", "reason", "code", "request_id", "message", "permission", "path"), text
        )
        | {"api_version": text, "status": {"type": ["integer", "null"], "description": "HTTP status"}},
        optional=("api_version", "path", "permission", "message", "request_id", "code", "status"),
    )
    judging = object_schema(
        {
            "unit": text,
            "assessment": {"type": "integer", "minimum": 1},
            "kind": {"enum": ["subscription", "directory"]},
            "azure_id": text,
            "directory": text,
            "cloud": text,
            "now": TIME | {"description": "When the unit was read"},
            "catalogue_hash": SHA256
            | {
                "description": "The hash of the catalogue of controls with which the subscription or directory was"
                " assessed"
            },
            "parameters": {
                "description": "{control: {parameter: value}} that the customer has changed",
                "type": "object",
                "additionalProperties": {"type": "object"},
            },
            "gaps": {"type": "array", "items": gap, "description": "What could not be read"},
            "judged_at": {
                "description": "{control: time as of which it was judged}, for controls that were judged as of an"
                " earlier time than now, because the watch did not judge them again",
                "type": "object",
                "additionalProperties": TIME,
            },
        },
        optional=("judged_at",),
    )
    return {
        "$schema": DIALECT,
        "title": "Evidence manifest of a report of Surety",
        "description": (
            "evidence-manifest.json inside the reports of a customer. In format /1, documents cite evidence by its"
            " SHA-256, in format /2 (large reports) by its place in the list, counted from 0."
        ),
        **object_schema(
            {
                "format": {"enum": [MANIFEST_FORMAT, LARGE_MANIFEST_FORMAT]},
                "report": {"type": "string", "format": "uuid"},
                "assessment": {"type": "integer", "minimum": 1},
                "hash": text | {"description": "How the hashes are made"},
                "evidence": {"type": "array", "items": evidence},
                "units": {"type": "array", "items": unit},
                "judging": {
                    "type": "array",
                    "items": judging,
                    "description": "For each subscription or directory, what its verdicts depend on besides the"
                    " evidence",
                },
            }
        ),
        "if": {"properties": {"format": {"const": MANIFEST_FORMAT}}},
        "then": {
            "properties": {"units": {"items": {"properties": {"answers": _cites_by({"type": "string"})}}}}
        },
    }


def _cites_by(citation: Schema) -> Schema:
    document = {"prefixItems": [True, {"items": citation}]}
    return {"additionalProperties": {"additionalProperties": {"items": document}}}


@cache
def evidence_schema() -> Schema:
    """Return the schema of a line of evidence.jsonl in an evidence bundle."""
    return {
        "$schema": DIALECT,
        "title": "An item of evidence in an evidence bundle of Surety",
        "description": (
            "A line of evidence.jsonl. “sha256” is the hash of “content” as canonical JSON (sorted keys, no"
            " blanks, UTF-8). The evidence manifest in the report lists this SHA-256."
        ),
        **object_schema(
            {"sha256": SHA256, "content": {"description": "The answer of the API, or a part of the answer"}}
        ),
    }
