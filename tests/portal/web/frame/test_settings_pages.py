"""The pages of a customer's settings: each lists the others."""

from __future__ import annotations

import re

from django.urls import reverse

from tests.portal.web.world import SignIn, World


def test_pages_of_settings_list_each_other_and_mark_themselves(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.people["organization_administrator"])
    for name, label in (
        ("tenant-settings", "Connection"),
        ("owner-rules", "Owner rules"),
        ("dead-letters", "Channels"),
    ):
        html = client.get(reverse(name, args=[world.home.slug])).content.decode()
        tabs = html[html.index('<nav class="tabs" aria-label="Settings"') :]
        tabs = tabs[: tabs.index("</nav>")]
        assert re.findall(r'aria-current="page"\s*>\s*([^<]+?)\s*<', tabs) == [label]
        assert tabs.count("<a ") == 15
    html = client.get(reverse("reports", args=[world.home.slug])).content.decode()
    assert 'aria-label="Settings"' not in html
