"""The form that raises or lowers severities by the context of a resource: Internet, secrets or a tag."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.urls import reverse

from assessments import severity_preview
from assessments.actions.profiles import severity_part
from assessments.models import Finding
from tests import factories
from tests.portal.web.forms import forms
from tests.portal.web.world import SignIn, World


@pytest.mark.slow(seconds=1)
def test_severities_are_saved_and_shown_again(world: World, sign_in: SignIn) -> None:
    engineer = sign_in(world.people["organization_engineer"])
    slug = world.home.slug
    page, save = reverse("profile", args=[slug]), reverse("profile-severity", args=[slug])
    given = {"internet": "1", "tag": "stage", "values": "production, live", "tag_step": "-1"}
    wrong = engineer.post(save, {**given, "tag_step": ""})
    assert (wrong.status_code, "Enter the name of the tag" in wrong.content.decode()) == (400, True)
    assert engineer.post(save, given).status_code == 302
    with factories.in_tenant(world.home):
        assert severity_part(world.home)["rules"] == [
            {"when": "internet", "step": 1},
            {"when": "tag", "step": -1, "tag": "stage", "values": ["live", "production"]},
        ]
    found = dict(forms(engineer.get(page).content.decode()))[save]
    shown = {name: found[name] for name in ("internet", "secrets", "tag", "values", "tag_step", "other_tag")}
    assert shown == {
        "internet": "1", "secrets": "", "tag": "stage", "values": "live, production", "tag_step": "-1",
        "other_tag": "",
    }  # fmt: skip
    assert engineer.post(save, {}).status_code == 302
    with factories.in_tenant(world.home):
        assert severity_part(world.home)["rules"] == []


@pytest.mark.slow(seconds=1)
def test_a_preview_counts_changes_and_saves_nothing(
    world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    engineer = sign_in(world.people["organization_engineer"])
    save = reverse("profile-severity", args=[world.home.slug])
    kind = "Microsoft.Storage/storageAccounts"
    with factories.in_tenant(world.home):
        failing = Finding.objects.filter(tenant=world.home, outcome="fail", gone_at=None)
        severities = Counter(failing.filter(subject_type__iexact=kind).values_list("severity", flat=True))
        total = failing.count()
    read = severity_preview._configurations

    def tagged(*args: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for name, body in read(*args):
            yield name, {**body, "tags": {"Stage": "test"} if body["type"] == kind else {}}

    monkeypatch.setattr(severity_preview, "_configurations", tagged)
    given = {"tag": "stage", "values": "test", "tag_step": "-1", "preview": "1"}
    answer = engineer.post(save, given)
    html = " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())
    number = sum(count for severity, count in severities.items() if severity != "low")
    assert answer.status_code == 200
    assert number > 0
    assert f"{number} of {total} failing findings would change severity." in html
    with factories.in_tenant(world.home):
        assert severity_part(world.home)["rules"] == []
    assert dict(forms(answer.content.decode()))[save]["tag"] == "stage"
    wrong = engineer.post(save, {**given, "tag_step": ""})
    assert (wrong.status_code, "Enter the name of the tag" in wrong.content.decode()) == (400, True)
    nothing = engineer.post(save, {"preview": "1"}).content.decode()
    assert "No severity would change." in nothing


def test_a_preview_says_that_it_is_incomplete(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(severity_preview, "MAX_RESOURCES", 0)
    with factories.in_tenant(world.home):
        found = severity_preview.preview_severities(world.home, [{"when": "internet", "step": 1}])
    assert (found.compared, found.incomplete) == (0, "Only the findings of 0 resources were compared.")
