"""Complete the operations of the API's OpenAPI contract: add the error answers and the headers, and mark deprecated
operations with the date on which they end.
"""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from portal.accounts.actions.api_tokens import OF_THE_API, right_label
from portal.api.deprecation import deprecation_of
from portal.api.pages import FIELDS
from portal.api.problems import MEDIA_TYPE
from tenants.roles import SERVICE_CAPABILITIES

_ALWAYS: Final = ("400", "401", "403", "429")
_METHODS: Final = ("get", "post", "patch", "put", "delete")
_TEXTS: Final = {
    "400": "A parameter or a value of the body is invalid.",
    "401": "The token is missing, unknown, expired or revoked.",
    "403": "The token or the person’s role does not include the right that the operation needs.",
    "404": "The object does not exist, or the token gives no access to it.",
    "409": "The current state does not permit the request.",
    "412": "The object has changed since it was read. Read it again, then send the change again if it is still right.",
    "410": "The cursor can no longer be used, because events after it may have been deleted, or because a backup was"
    " restored. Read the current state of findings and other objects, then read the events again without `after`.",
    "413": "The body is larger than 64 kB.",
    "415": "The body is not JSON in UTF-8.",
    "422": "The Idempotency-Key was sent before with another body or for another object.",
    "428": "The header If-Match is missing or has the value *. Read the object, then send the value of its header ETag"
    " as If-Match.",
    "429": "In this minute, the token or all tokens of its person together sent too many requests, or the person made"
    " too many changes.",
}
_ALSO: Final = {
    "list_events": {"410": _TEXTS["410"]},
    "start_bulk_job": {
        "412": "The findings or their observed values have changed since the preview.",
        "428": "The action depends on observed values, and `seen_digest` is missing.",
    },
    "import_scan": {
        "413": "The file is larger than 32 MiB.",
        "415": "The body is not multipart/form-data.",
    },
    "download_report": {
        "409": "The stored file differs from the file that was signed (code `file_changed`)."
    },
    "try_own_control": {"409": "The organization is trying another control (code `trial_busy`)."},
}
"""The error answers of single operations, as {operation: {status: text}}. `add_problems` adds them to the usual error
answers of the operation. For a usual status, the text here replaces the usual text (`_TEXTS`).
"""
_HEADERS: Final = {
    "ETag": "The version of the object, for If-Match",
    "Location": "The address of the object. Read the object there to follow the progress of the work",
    "Retry-After": "Seconds to wait",
    "Deprecation": "Since when the operation is deprecated (RFC 9745)",
    "Sunset": "When the operation ends (RFC 8594)",
}
_PROBLEM: Final = {
    "type": "object",
    "description": "Problem details (RFC 9457)",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence that says what to do"},
        "code": {"type": "string", "description": "A stable name of the error"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}


class BearerToken(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The description of the authentication in the contract."""

    target_class = "portal.api.authentication.TokenAuthentication"
    name = ["token", "client_credentials"]

    def get_security_requirement(self, auto_schema: AutoSchema) -> list[dict[str, list[Any]]]:
        """Declare that an API token or an access token is sufficient."""
        return [{name: []} for name in self.name]

    def get_security_definition(self, auto_schema: AutoSchema) -> list[dict[str, Any]]:
        token = {
            "type": "http",
            "scheme": "bearer",
            "description": "An API token, created under Account, API tokens: `surety_pat_…`",
        }
        rights = [one for one in OF_THE_API if one in SERVICE_CAPABILITIES]
        client_credentials = {
            "type": "oauth2",
            "description": "An access token of a service account, requested with its client id and client secret:"
            " `surety_oat_…`",
            "flows": {
                "clientCredentials": {
                    "tokenUrl": "/oauth/token",
                    "scopes": {str(one): right_label(one) for one in rights},
                }
            },
        }
        return [token, client_credentials]


class ContractSchema(AutoSchema):
    """The description of an operation. The operation's tag is the part of the URL that names the kind of object, such
    as `findings` in `/api/v1/customers/{customer}/findings`.
    """

    def get_tags(self) -> list[str]:
        parts = [part for part in self.path.removeprefix("/api/v1/").split("/") if part and "{" not in part]
        return parts[1:2] if parts[:1] == ["customers"] and len(parts) > 1 else parts[:1]

    def get_operation(self, *arguments: Any, **names: Any) -> dict[str, Any] | None:
        """Return the operation. If the operation is deprecated, its description says when it ends."""
        found: dict[str, Any] | None = super().get_operation(*arguments, **names)
        declared = deprecation_of(getattr(self.view, self.method.lower(), None))
        if found is not None and declared is not None:
            found["deprecated"] = True
            found["description"] = f"{found.get('description', '')} {declared.sentence}".strip()
        return found


def add_chosen_fields(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """For each list with the parameter `fields`, declare two forms of its items: with all fields, and with only the
    fields that the parameter names.
    """
    schemas = result["components"]["schemas"]
    for operations in result["paths"].values():
        operation = operations.get("get", {})
        if all(one["name"] != FIELDS for one in operation.get("parameters", ())):
            continue
        page = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[
            2
        ]
        items = schemas[page]["properties"]["items"]
        name = items["items"]["$ref"].rpartition("/")[2]
        schemas[f"{name}Fields"] = {
            "type": "object",
            "description": f"The fields of {name} that the parameter `{FIELDS}` names",
            "properties": schemas[name]["properties"],
        }
        items["items"] = {"anyOf": [items["items"], {"$ref": f"#/components/schemas/{name}Fields"}]}
    return result


def add_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Add the error answers and the headers to every operation. Every operation can answer 400, because it refuses
    unknown parameters.
    """
    result["components"].setdefault("schemas", {})["Problem"] = _PROBLEM
    for path, operations in result["paths"].items():
        for method in _METHODS:
            if method not in operations:
                continue
            operation = operations[method]
            statuses = [*_ALWAYS]
            if "{" in path:
                statuses.append("404")
            if method != "get":
                statuses += ["409", "413", "415"]
            names = {one.get("name") for one in operation.get("parameters", ())}
            if "If-Match" in names:
                statuses += ["412", "428"]
            if "Idempotency-Key" in names:
                statuses.append("422")
            also = _ALSO.get(operation["operationId"], {})
            for status in sorted({*statuses, *also}):
                operation["responses"].setdefault(
                    status,
                    {
                        "description": also.get(status, _TEXTS[status]),
                        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
                    },
                )
            _add_headers(operation, names)
    return result


def _add_headers(operation: dict[str, Any], parameters: set[Any]) -> None:
    for status, response in operation["responses"].items():
        names = []
        # After an answer 202, a program has to read the object at Location anyway, so this answer needs no ETag.
        if status == "201" or (status == "200" and parameters & {"If-Match", "Idempotency-Key"}):
            names += ["ETag"]
        names += ["Location"] if status in ("201", "202") else []
        names += ["Retry-After"] if status == "429" else []
        # Answers that are sent before the operation runs (401, 403 and 429) lack the headers Deprecation and Sunset. So
        # these headers are marked as required only in successful answers.
        names += ["Deprecation", "Sunset"] if operation.get("deprecated") else []
        for name in names:
            response.setdefault("headers", {})[name] = {
                "description": _HEADERS[name],
                "schema": {"type": "string"},
                "required": name not in ("Deprecation", "Sunset") or status.startswith("2"),
            }
