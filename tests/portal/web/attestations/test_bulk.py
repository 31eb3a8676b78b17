"""One answer for several manual controls."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import Finding
from portal.treatment.actions.attestations import bulk as bulk_attestations
from portal.treatment.models import Attestation, Batch, EvidenceFile, Treatment
from tests import factories
from tests.portal.web.requests import page
from tests.portal.web.world import SignIn, World


def manual(world: World) -> list[str]:
    with factories.in_tenant(world.home):
        rows = Finding.objects.filter(tenant=world.home, outcome="manual", gone_at__isnull=True)
        return [str(pk) for pk in rows.order_by("pk").values_list("pk", flat=True)]


def url(world: World) -> str:
    return reverse("attestations-answer", args=[world.home.slug])


def seen(client: Client, world: World, picked: list[str]) -> str:
    html = client.post(url(world), {"finding": picked}).content.decode()
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', html)
    assert found is not None
    assert html.count('name="finding"') == len(picked)
    return found[1]


def answer(**given: object) -> dict[str, object]:
    until = (timezone.now() + timedelta(days=60)).date()
    return {"met": "yes", "statement": "Read all policies on site.", "valid_until": f"{until}", **given}


@pytest.mark.slow(seconds=1)
def test_several_controls_get_one_answer_and_it_can_be_undone(engineer: Client, world: World) -> None:
    picked = manual(world)
    assert len(picked) > 2
    file = SimpleUploadedFile("policy.txt", b"Everything is in order.")
    form = answer(finding=picked, seen=seen(engineer, world, picked), files=file)
    html = engineer.post(url(world), form, follow=True).content.decode()
    assert f"Answered {len(picked)} controls." in html
    with factories.in_tenant(world.home):
        given = Attestation.objects.filter(statement="Read all policies on site.")
        assert {str(row.finding_id) for row in given} == set(picked)
        assert EvidenceFile.objects.filter(attestation__in=given).count() == len(picked)
        batch = Batch.objects.get(kind="attest")
        before = Attestation.objects.get(pk=world.of(world.home)["attestation"].pk)
    undone = engineer.post(reverse("batch-undo", args=[world.home.slug, batch.pk]), follow=True)
    assert f"Undone for {len(picked)} findings." in undone.content.decode()
    with factories.in_tenant(world.home):
        assert not Attestation.objects.filter(pk__in=given.values("pk"), withdrawn_at=None).exists()
        # The previous answer is in effect again.
        assert Treatment.objects.get(finding=before.finding_id).attestation_id == before.pk


def test_changed_values_are_shown_instead_of_answered(engineer: Client, world: World) -> None:
    picked = manual(world)
    form = answer(finding=picked, seen=seen(engineer, world, picked))
    with factories.in_tenant(world.home):
        Finding.objects.filter(pk=picked[0]).update(observed={"guests": 7}, observed_sha256="e" * 64)
    refused = engineer.post(url(world), form)
    assert refused.status_code == 400
    assert "have changed since you opened the page" in refused.content.decode()
    with factories.in_tenant(world.home):
        assert not Attestation.objects.filter(statement="Read all policies on site.").exists()


def test_all_or_none_are_answered(engineer: Client, world: World) -> None:
    picked = manual(world)
    late = f"{(timezone.now() + timedelta(days=900)).date()}"
    refused = engineer.post(
        url(world), answer(finding=picked, seen=seen(engineer, world, picked), valid_until=late)
    )
    assert "An answer is valid for at most" in refused.content.decode()
    with factories.in_tenant(world.home):
        assert not Attestation.objects.filter(statement="Read all policies on site.").exists()


def test_automatic_findings_are_skipped_and_the_number_is_limited(
    engineer: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = str(world.of(world.home)["finding"].pk)
    html = engineer.post(url(world), {"finding": [*manual(world), failing]}).content.decode()
    assert "1 selected finding skipped, because it is checked automatically" in " ".join(html.split())
    only = engineer.post(url(world), {"finding": [failing]}, follow=True).content.decode()
    assert "None of the selected findings is a manual control." in only
    assert "Select at least one control" in engineer.post(url(world), follow=True).content.decode()
    monkeypatch.setattr("portal.web.attestations.bulk.MAX_FINDINGS", 1)
    assert (
        "but at most 1 can be answered at once."
        in engineer.post(url(world), {"finding": manual(world)}, follow=True).content.decode()
    )
    assert bulk_attestations.MAX_FINDINGS == 100


def test_only_people_who_may_attest_can_select(world: World, sign_in: SignIn, engineer: Client) -> None:
    assert "data-select-all" in page(engineer, "attestations", world.home.slug)
    assert "data-select-all" not in page(sign_in(world.people["auditor"]), "attestations", world.home.slug)
    foreign = str(world.of(world.foreign)["manual"].pk)
    assert engineer.post(url(world), {"finding": [foreign]}).status_code == 404
