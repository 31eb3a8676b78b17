"""Register a customer, assess it, have an exception approved, and download and verify a report.

The program knows only the OpenAPI document of the installation: it finds each operation by its id, and takes method,
address, parameters and the names in bodies from the document. It needs Python 3.12 and no further package.

    export SURETY_SERVER=https://surety.example.com
    export SURETY_TOKEN=surety_pat_…           # of a person who registers customers: the rights register,
                                               # administer, view, view_all, assess, treat, report, read_reports
    export SURETY_APPROVER_TOKEN=surety_pat_…  # of the person who approves the exception: view, approve
    python register_and_assess.py contoso.json --report contoso.pdf --verifier surety_verify.py --fingerprint SHA256

`contoso.json` has the bodies of the first requests:

    {
      "customer": {"name": "Contoso", "directory_id": "72f988bf-…"},
      "service_principal": {"client_id": "0f8b6c1e-…", "secret": "…"},
      "schedule": {"schedule": "daily 02:00"}
    }

The page /verify/ of the installation offers surety_verify.py. The operator of the installation tells you the
fingerprint of the signing certificate (`manage.py signing_certificates list`). The approver needs the role Approver for
the customer: the program waits until one administrator has granted the role and another administrator has confirmed it.
Both tokens must be valid for all customers.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import Message
from pathlib import Path
from typing import Any

METHODS = ("get", "post")
PAUSE = 2.0
"""Seconds between two requests for the state of work on the server."""


class Problem(Exception):
    """An answer with problem details (RFC 9457)."""

    def __init__(self, operation: str, status: int, detail: dict[str, Any]) -> None:
        fields = "; ".join(f"{one['field']}: {one['message']}" for one in detail.get("errors", ()))
        super().__init__(f"{operation}: {status} {detail.get('detail', '')} {fields}".rstrip())
        self.status = status


@dataclass
class Answer:
    """The content of an answer (JSON, or bytes of a file), and its headers."""

    content: Any
    headers: Message


class Api:
    """Calls the operations of an OpenAPI document with a token."""

    def __init__(self, server: str, token: str, document: dict[str, Any]) -> None:
        self.server, self.token, self.document = server, token, document
        self.operations = {
            one["operationId"]: (path, method, one)
            for path, methods in document["paths"].items()
            for method, one in methods.items()
            if method in METHODS
        }

    def call(self, operation: str, body: Any = None, **given: str) -> Answer:
        """Call an operation. `given` are the values of the operation's parameters. A name that begins with
        a capital letter is a header: `If_Match` is the header If-Match.
        """
        path, method, described = self.operations[operation]
        values = {name.replace("_", "-") if name[0].isupper() else name: one for name, one in given.items()}
        known = {one["name"]: one["in"] for one in described.get("parameters", ())}
        if unknown := sorted(values.keys() - known.keys()):
            raise KeyError(f"{operation} has no parameters {unknown}")
        if body is not None:
            self._check(operation, described["requestBody"], body)
        of = {place: {n: v for n, v in values.items() if known[n] == place} for place in set(known.values())}
        filled = {name: urllib.parse.quote(value, safe="") for name, value in of.get("path", {}).items()}
        address = self.server + path.format(**filled)
        if query := urllib.parse.urlencode(of.get("query", {})):
            address += f"?{query}"
        return self.send(operation, address, method, body, of.get("header", {}))

    def pages(self, operation: str, **given: str) -> Iterator[dict[str, Any]]:
        """Yield the items of a list, from all of its pages."""
        page = self.call(operation, **given).content
        yield from page["items"]
        while page["next"] is not None:
            page = self.send(operation, page["next"], "get").content
            yield from page["items"]

    def send(
        self,
        operation: str,
        address: str,
        method: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send a request. Raise Problem for an error, and KeyError for a status that the document does not name."""
        sent = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            **(headers or {}),
        }
        data = None if method == "get" else json.dumps({} if body is None else body).encode()
        request = urllib.request.Request(address, data=data, headers=sent, method=method.upper())
        responses = self.operations[operation][2]["responses"]
        try:
            with urllib.request.urlopen(request) as response:
                content = response.read()
                described = responses[str(response.status)]
                is_json = "application/json" in described.get("content", {})
                return Answer(json.loads(content) if is_json else content, response.headers)
        except urllib.error.HTTPError as error:
            responses[str(error.code)]
            raise Problem(operation, error.code, json.loads(error.read())) from None

    def _check(self, operation: str, described: dict[str, Any], body: dict[str, Any]) -> None:
        """Raise KeyError if the body lacks a name that the document requires, or has a name that is not in
        the document.
        """
        schema = described["content"]["application/json"]["schema"]
        if "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        missing = set(schema.get("required", ())) - body.keys()
        unknown = body.keys() - schema["properties"].keys()
        if missing or unknown:
            raise KeyError(f"{operation}: missing {sorted(missing)}, unknown {sorted(unknown)}")


def wait[T](read: Callable[[], T], is_done: Callable[[T], bool]) -> T:
    """Call `read` until `is_done` is true for the result, and return the result."""
    while not is_done(found := read()):
        time.sleep(PAUSE)
    return found


def connect(api: Api, bodies: dict[str, Any]) -> str:
    """Register the customer, its service principal and its schedule. Return the short name of the customer."""
    created = api.call("register_customer", bodies["customer"], Idempotency_Key=str(uuid.uuid4()))
    customer = created.content["short_name"]
    print(f"{created.content['name']} is registered as {customer}.")
    asked = api.call(
        "add_service_principal",
        bodies["service_principal"],
        customer=customer,
        Idempotency_Key=str(uuid.uuid4()),
    ).content
    signed_in = wait(
        lambda: api.call("get_sign_in", customer=customer, id=asked["id"]).content,
        lambda one: one["state"] != "waiting",
    )
    if signed_in["state"] != "succeeded":
        raise SystemExit(f"The sign-in has failed ({signed_in['state']}). {signed_in['error']}")
    principal = signed_in["service_principal"]
    found = wait(
        lambda: api.call("get_preflight", customer=customer, id=principal).content,
        lambda one: one["state"] != "waiting",
    )
    assessable = sum(one["is_assessable"] for one in found["controls"])
    print(f"{assessable} of {len(found['controls'])} controls can be assessed.")
    for command in found["commands"]:
        print(f"  {command}")
    for one in api.pages("list_subscriptions", customer=customer):
        print(f"Subscription {one['name']}: {one['situation']}")
    if "schedule" in bodies:
        etag = api.call("get_schedule", customer=customer).headers["ETag"]
        api.call("set_schedule", bodies["schedule"], customer=customer, If_Match=etag)
    return str(customer)


def assess(api: Api, customer: str) -> list[dict[str, Any]]:
    """Assess the customer. Return the findings that fail, the most severe first."""
    number = str(api.call("start_assessment", customer=customer).content["number"])
    ended = wait(
        lambda: api.call("get_assessment", customer=customer, number=number).content,
        lambda one: one["ended_at"] is not None,
    )
    print(f"Assessment {number}: {ended['state']}.")
    severities = ("critical", "high", "medium", "low", "info")
    failing = list(api.pages("list_findings", customer=customer, verdict="fail"))
    failing.sort(key=lambda one: severities.index(one["severity"]))
    print(f"{len(failing)} findings fail.")
    return failing


def accept(api: Api, approver: Api, customer: str, finding: dict[str, Any]) -> None:
    """Request an exception for the finding with one token, and approve the exception with the other token."""
    body = {
        "findings": [finding["id"]],
        "reason": "Accepted until the migration is finished.",
        "ends_at": (datetime.now(UTC) + timedelta(days=30)).isoformat(),
    }
    asked = api.call("request_exception", body, customer=customer, Idempotency_Key=str(uuid.uuid4()))
    number = str(asked.content["number"])

    def read() -> Answer | None:
        try:
            return approver.call("get_exception", customer=customer, number=number)
        except Problem as problem:
            if problem.status != 404:
                raise
            return None

    print(f"Exception {number} waits for the approver.")
    seen = wait(read, lambda answer: answer is not None)
    assert seen is not None
    approved = approver.call(
        "approve_exception",
        {"note": "The migration is planned."},
        customer=customer,
        number=number,
        If_Match=seen.headers["ETag"],
    )
    print(f"Exception {number}: {approved.content['state']}.")


def report(api: Api, customer: str, path: Path) -> None:
    """Build a report, and store it at the path."""
    asked = api.call("build_report", {"kind": "executive"}, customer=customer).content
    number = str(asked["number"])
    built = wait(
        lambda: api.call("get_report", customer=customer, number=number).content,
        lambda one: one["state"] != "building",
    )
    if built["state"] != "ready":
        raise SystemExit(f"The report could not be built: {built['error']}")
    path.write_bytes(api.call("download_report", customer=customer, number=number).content)
    print(f"Report {number} is stored in {path}.")


def main() -> int:
    """Run all steps. Return the exit status of the verifier: 0 for a valid report."""
    parser = argparse.ArgumentParser(
        description="Register and assess a customer, then build and verify a report."
    )
    parser.add_argument("bodies", type=Path, help="JSON file with customer, service_principal and schedule")
    parser.add_argument("--report", type=Path, required=True, help="where to store the report")
    parser.add_argument("--verifier", type=Path, required=True, help="surety_verify.py")
    parser.add_argument("--fingerprint", required=True, help="SHA-256 of the signing certificate")
    arguments = parser.parse_args()
    server = os.environ["SURETY_SERVER"].rstrip("/")
    with urllib.request.urlopen(f"{server}/api/v1/openapi.json") as response:
        document = json.load(response)
    api = Api(server, os.environ["SURETY_TOKEN"], document)
    approver = Api(server, os.environ["SURETY_APPROVER_TOKEN"], document)
    try:
        customer = connect(api, json.loads(arguments.bodies.read_text(encoding="utf-8")))
        failing = assess(api, customer)
        if failing:
            accept(api, approver, customer, failing[0])
        else:
            print("Nothing fails, so no exception is requested.")
        report(api, customer, arguments.report)
    except Problem as problem:
        raise SystemExit(str(problem)) from None
    command = [
        sys.executable,
        "-P",
        arguments.verifier,
        arguments.report,
        "--fingerprint",
        arguments.fingerprint,
    ]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
