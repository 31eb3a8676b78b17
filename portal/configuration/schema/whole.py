"""The JSON schema of configuration files.

The schema is made from the catalogue, the roles and the kinds of events. So an editor that knows the schema suggests
the values that this version of Surety accepts. The schema is published in `docs/configuration.schema.json` and on the
page of the configuration.

Source: https://json-schema.org/draft/2020-12/json-schema-core
"""

from __future__ import annotations

from functools import cache
from typing import Final

from portal.configuration.schema.customer import customer
from portal.configuration.schema.organization import organization
from portal.configuration.schema.parts import Schema, mapping

VERSION: Final = 1
MAX_CUSTOMERS: Final = 2000


@cache
def schema() -> Schema:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Configuration of a Surety organization",
        "description": (
            "If the file lacks a key of the organization or of a customer, this setting does not change. But lists,"
            " entries of lists and `parameters` must be complete: if the file leaves something out of them, Surety"
            " removes it from the organization or customer, or resets it to its default. Secrets are never part of a"
            " file."
        ),
        **mapping(
            {
                "version": {"const": VERSION, "description": "Version of this format"},
                "organization": organization(),
                "customers": {
                    "type": "array",
                    "description": "Registered customers. Customers that are not listed do not change",
                    "items": customer(),
                    "maxItems": MAX_CUSTOMERS,
                },
            },
            required=("version", "organization"),
        ),
    }
