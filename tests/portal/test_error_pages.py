"""Error pages reveal no internals, the request is rolled back, and the cause is in the log."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.treatment.actions.owners.assign import claim
from portal.treatment.models import TreatmentEvent
from portal.web.finding_detail.views import treatment
from tenants.scope import tenant_scope
from tests.portal.web.world import World

INSIDE = "SELECT password FROM tenants_person WHERE token = 'inside'"


@pytest.fixture
def careful(world: World) -> Client:
    """A signed-in client that shows the error page instead of raising the error."""
    client = Client(raise_request_exception=False)
    client.force_login(world.people["organization_engineer"])
    return client


def test_an_unexpected_error_shows_a_general_page(
    world: World, careful: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = claim

    def breaks(**given: Any) -> None:
        real(**given)
        raise RuntimeError(INSIDE)

    monkeypatch.setattr(treatment, "claim_action", breaks)
    finding = world.of(world.home)["finding"]

    def events() -> int:
        with tenant_scope(world.home.pk):
            return TreatmentEvent.objects.count()

    before = events()
    with caplog.at_level(logging.ERROR):
        answer = careful.post(reverse("finding-claim", args=[world.home.slug, finding.pk]))
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "Something went wrong" in page
    for part in ("inside", "tenants_person", "RuntimeError", "Traceback", "treatment.py"):
        assert part not in page
    assert events() == before, "the half-done action was kept"
    assert any(record.exc_info and INSIDE in str(record.exc_info[1]) for record in caplog.records)


@pytest.mark.parametrize(
    "path", ["/nothing/", "/t/nobody/", "/controls/nothing/", "/static/nothing.css", "/.git/config"]
)
def test_a_missing_page_lists_no_addresses(careful: Client, path: str) -> None:
    answer = careful.get(path)
    assert answer.status_code == 404
    for part in ("urlpatterns", "portal.urls", "resolver", "Traceback"):
        assert part not in answer.content.decode()


@pytest.mark.parametrize(
    "path", ["/static/", "/static/surety/", "/reports/", "/evidence-files/", "/keys", "/manage.py"]
)
def test_no_folder_is_listed_and_no_file_of_the_installation_is_served(careful: Client, path: str) -> None:
    assert careful.get(path).status_code == 404


def test_an_unknown_host_is_refused_without_details(db: None) -> None:
    answer = Client(raise_request_exception=False).get("/verify/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "evil.example" not in answer.content.decode()
    assert "ALLOWED_HOSTS" not in answer.content.decode()
