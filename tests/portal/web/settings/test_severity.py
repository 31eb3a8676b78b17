"""The form of severities by context."""

from __future__ import annotations

from django.urls import reverse

from assessments.actions.profiles import severity_part
from tests import factories
from tests.portal.web.forms import forms
from tests.portal.web.world import SignIn, World


def test_severities_are_saved_and_shown_again(world: World, sign_in: SignIn) -> None:
    engineer = sign_in(world.people["organization_engineer"])
    slug = world.home.slug
    page, save = reverse("profile", args=[slug]), reverse("profile-severity", args=[slug])
    given = {"internet": "1", "tag": "stage", "values": "production, live", "tag_step": "-1"}
    wrong = engineer.post(save, {**given, "tag_step": ""})
    assert (wrong.status_code, "Give both the tag" in wrong.content.decode()) == (400, True)
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
