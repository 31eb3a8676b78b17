"""The pages of bulk jobs: list, progress, results, cancel and undo."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import Finding
from portal.bulk_jobs.bulk_actions.registry import bulk_actions
from portal.bulk_jobs.models import BulkJob
from portal.treatment.models import Batch
from tests import factories
from tests.portal.api.conftest import client_with, token_for
from tests.portal.bulk_jobs.cases import cases
from tests.portal.bulk_jobs.jobs import started, stored, work
from tests.portal.web.requests import page
from tests.portal.web.world import SignIn, World


def program(world: World, role: str = "organization_engineer") -> Client:
    """Return a client with an API token of the person with this role."""
    return client_with(token_for(world.people[role], world.organization))


def shown(client: Client, world: World, job: str, query: str = "") -> str:
    return unescape(page(client, "bulk-job", world.home.slug, job, query=query))


def sent(client: Client, world: World, job: str, action: str) -> str:
    answer = client.post(reverse(f"bulk-job-{action}", args=[world.home.slug, job]), follow=True)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


@pytest.mark.slow(seconds=1)
def test_a_job_is_followed_and_undone(engineer: Client, world: World, sign_in: SignIn) -> None:
    job = started(program(world), world, "claim")
    html = shown(engineer, world, job)
    for text in ("Waiting for a worker", "Cancel job", 'hx-trigger="every 2s"', "Waiting ("):
        assert text in html, text
    work(world)
    row = stored(world, job)
    assert row.done
    assert row.skipped
    html = shown(engineer, world, job)
    for text, is_there in (
        (f"Changed ({row.done})", True),
        (f"Skipped ({row.skipped})", True),
        ("Waiting (", False),
        ("The finding already has an owner.", True),
        ("Undo", True),
        ("Cancel job", False),
        ('hx-trigger="every 2s"', False),
        ("?verdict=fail", True),
    ):
        assert (text in html) is is_there, text
    only = shown(engineer, world, job, "?only=done")
    assert "already has an owner" not in only
    assert "No finding of this job has this result." in shown(engineer, world, job, "?only=failed")
    listed = page(engineer, "bulk-jobs", world.home.slug)
    assert f'href="{reverse("bulk-job", args=[world.home.slug, job])}"' in listed

    auditor, administrator = (
        sign_in(world.people[role]) for role in ("auditor", "organization_administrator")
    )
    assert "<button" not in shown(auditor, world, job).split('id="bulk-job"')[1].split("<nav")[0]
    assert f"Only {row.by} can undo this job" in shown(administrator, world, job)
    for action in ("cancel", "undo"):
        address = reverse(f"bulk-job-{action}", args=[world.home.slug, job])
        assert auditor.post(address).status_code == 403
        assert engineer.get(address).status_code == 405
    assert "Only the person who made a change can undo it." in sent(administrator, world, job, "undo")
    assert "restored. Findings that changed after the job were not restored." in sent(
        engineer, world, job, "undo"
    )
    html = shown(engineer, world, job)
    assert "Undone " in html
    assert "Undo</button>" not in html


@pytest.mark.slow(seconds=1)
def test_a_job_is_cancelled_and_the_time_for_undoing_ends(engineer: Client, world: World) -> None:
    job = started(program(world), world, "acknowledge", acknowledge={"plan": "Clean-up"})
    assert "The changes that the job has made to findings remain." in sent(engineer, world, job, "cancel")
    assert stored(world, job).state == BulkJob.State.CANCELLED
    assert "This job has ended" in sent(engineer, world, job, "cancel")
    html = shown(engineer, world, job)
    assert "Cancelled" in html
    assert f"Not worked on ({stored(world, job).total})" in html
    done = started(program(world), world, "claim")
    work(world)
    row = stored(world, done)
    assert row.batch is not None
    with factories.in_tenant(world.home):
        Batch.objects.filter(pk=row.batch.pk).update(at=timezone.now() - timedelta(minutes=31))
    assert "only for 30 minutes" in sent(engineer, world, done, "undo")
    assert "Undo</button>" not in shown(engineer, world, done)


@pytest.mark.slow(seconds=1)
def test_each_action_has_a_label_and_shows_its_values(engineer: Client, world: World) -> None:
    client = program(world)
    for case in cases():
        html = shown(engineer, world, started(client, world, case.action, **case.body))
        for text in (bulk_actions()[case.action].label, *case.shown):
            assert text in html, (case, text)


def test_owners_see_their_own_jobs_and_only_names_of_their_findings(
    owner: Client, world: World, sign_in: SignIn
) -> None:
    slug = world.home.slug
    theirs = world.of(world.home)["bulk_job"].pk
    html = page(owner, "bulk-jobs", slug)
    assert "No bulk jobs" in html
    assert str(theirs) not in html
    assert owner.get(reverse("bulk-job", args=[slug, theirs])).status_code == 404
    own = world.of(world.home)["owned"]
    job = started(program(world, "owner"), world, "acknowledge", findings=[str(own.pk)], acknowledge={})
    assert str(own.pk) in shown(owner, world, job)
    with factories.in_tenant(world.home):
        Finding.objects.get(pk=own.pk).treatment.delete()
    html = shown(owner, world, job)
    assert "A finding that you cannot see" in html
    assert own.subject_name not in html
    foreign = world.of(world.foreign)["bulk_job"].pk
    assert owner.get(reverse("bulk-job", args=[slug, foreign])).status_code == 404
