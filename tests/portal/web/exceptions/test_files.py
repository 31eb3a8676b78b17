"""Evidence files of exceptions as downloads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client
from django.urls import reverse

from tenants.models import JournalEntry
from tenants.scope import organization_scope
from tests.portal.web.treatments import give
from tests.portal.web.world import SignIn, World


def download(client: Client, world: World, pk: object) -> Any:
    return client.get(reverse("evidence-file", args=[world.home.slug, pk]))


def test_a_file_is_only_served_as_a_download(approver: Client, world: World) -> None:
    answer = download(approver, world, world.of(world.home)["file"].pk)
    assert b"".join(answer.streaming_content) == b"asked,by\nalder-finch-clinics,x\n"
    wanted = {
        "Content-Disposition": 'attachment; filename="request.csv"',
        "Content-Type": "application/octet-stream",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'",
        "Cache-Control": "private, no-store",
    }
    assert {name: answer.headers[name] for name in wanted} == wanted


def test_a_file_is_visible_to_people_who_see_its_owner(world: World, sign_in: SignIn) -> None:
    own = world.of(world.home)
    owner = sign_in(world.people["owner"])
    assert download(owner, world, own["file"].pk).status_code == 404
    give(world, own["finding"], world.people["owner"])
    assert download(owner, world, own["file"].pk).status_code == 200
    assert download(owner, world, world.of(world.foreign)["file"].pk).status_code == 404


def test_a_lost_file_is_reported(
    approver: Client, world: World, damage: Callable[[str, bytes | None], None]
) -> None:
    file = world.of(world.home)["file"]
    damage(file.file.path, None)
    assert download(approver, world, file.pk).status_code == 404


def test_a_file_that_was_changed_on_the_server_is_not_sent(
    approver: Client, world: World, damage: Callable[[str, bytes | None], None]
) -> None:
    file = world.of(world.home)["file"]
    damage(file.file.path, b"asked,by\nalder-finch-clinics,somebody else\n")
    answer = download(approver, world, file.pk)
    page = reverse("exception", args=[world.home.slug, file.exception_id])
    assert (answer.status_code, answer.headers["Location"]) == (302, page)
    assert "request.csv was changed on the server" in approver.get(page).content.decode()
    with organization_scope(world.organization):
        entry = JournalEntry.objects.get(action="evidence.file_refused")
    assert (entry.details["file"], entry.details["sha256"]) == ("request.csv", file.sha256)
