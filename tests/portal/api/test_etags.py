"""The contract states the header ETag for every answer that has it, even if the operation takes no If-Match."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from portal.api.contract_file import FILE
from tests.portal.api.changes import post
from tests.portal.api.conftest import Api
from tests.portal.bulk_jobs import jobs
from tests.portal.web.world import World

PATHS: Final = json.loads(FILE.read_text(encoding="utf-8"))["paths"]
OPERATIONS: Final[dict[str, Any]] = {
    operation["operationId"]: operation for methods in PATHS.values() for operation in methods.values()
}


def stated(operation: Any) -> bool:
    return "ETag" in operation["responses"].get("200", {}).get("headers", {})


def schema_of(operation: Any) -> str:
    content = operation["responses"].get("200", {}).get("content", {})
    return str(content.get("application/json", {}).get("schema", {}).get("$ref", ""))


def test_answers_with_an_object_of_its_own_address_state_the_tag() -> None:
    objects = {
        schema_of(methods["get"]) for methods in PATHS.values() if "get" in methods and stated(methods["get"])
    }
    changes = {
        name: operation
        for name, operation in OPERATIONS.items()
        if any(operation is methods.get("post") for methods in PATHS.values())
    }
    assert {"cancel_report", "revoke_portfolio_report_link", "undo_bulk_job"} <= set(changes)
    assert [name for name, one in changes.items() if schema_of(one) in objects and not stated(one)] == []


@pytest.mark.slow(seconds=1)
def test_actions_without_if_match_answer_with_the_tag_of_the_object(world: World, api: Api) -> None:
    client, own = api("organization_administrator"), world.of(world.home)
    customer = f"/api/v1/customers/{world.home.slug}"
    organization = f"/api/v1/organizations/{world.organization.slug}"
    link = {"recipient": "Contoso, internal audit", "days": 3}

    def made(path: str, body: Any) -> str:
        answer = post(client, path, body)
        assert answer.status_code in (201, 202), answer.content
        return str(answer.headers["Location"])

    job = jobs.address(world, jobs.started(client, world, "acknowledge", acknowledge={"plan": "Soon"}))
    schedule = {
        "name": "Every customer",
        "kind": "portfolio",
        "timetable": "weekly Mon 06:00",
        "people": [world.people["organization_administrator"].email],
    }
    # The object of each action, and the last part of the action's address.
    actions = {
        "cancel_bulk_job": (job, "cancel"),
        "cancel_report": (made(f"{customer}/reports", {"kind": "executive"}), "cancel"),
        "revoke_report_link": (
            made(f"{customer}/report-links", link | {"report": own["report"].number}),
            "revoke",
        ),
        "send_report_again": (f"{customer}/report-deliveries/{own['report_delivery'].pk}", "send-again"),
        "run_report_schedule": (
            made(f"{customer}/report-schedules", schedule | {"kind": "executive"}),
            "run",
        ),
        "cancel_portfolio_report": (
            made(f"{organization}/portfolio-reports", {"customers": [world.home.slug]}),
            "cancel",
        ),
        "revoke_portfolio_report_link": (
            made(f"{organization}/portfolio-report-links", link | {"report": own["portfolio_report"].number}),
            "revoke",
        ),
        "send_portfolio_report_again": (
            f"{organization}/portfolio-report-deliveries/{own['portfolio_delivery'].pk}",
            "send-again",
        ),
        "run_organization_report_schedule": (made(f"{organization}/report-schedules", schedule), "run"),
    }
    for name, (address, action) in actions.items():
        answer = post(client, f"{address}/{action}")
        assert answer.status_code == 200, (name, answer.content)
        assert stated(OPERATIONS[name]), name
        assert answer.headers["ETag"] == client.get(address).headers["ETag"], name
    # The answer of a preview is not an object, so neither the contract nor the answer has an ETag.
    preview = {"action": "acknowledge", "filters": {"verdict": ["fail"]}, "acknowledge": {"plan": "Soon"}}
    counted = jobs.send(client, world, preview, "preview")
    assert (counted.status_code, "ETag" in counted.headers) == (200, False)
    assert not stated(OPERATIONS["preview_bulk_job"])
