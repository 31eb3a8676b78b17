"""The page of subscriptions filters by management group and tag, and saves only what it shows."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from tenants.models import Subscription
from tests import factories
from tests.portal.web.forms import start_of
from tests.portal.web.world import World


def test_filter_by_management_group_and_tag(engineer: Client, world: World) -> None:
    home = world.home
    principal = world.of(home)["principal"]
    with factories.in_tenant(home):
        first = world.of(home)["subscription"]
        second = factories.subscription(principal, "Laboratory")
        Subscription.objects.filter(pk=first.pk).update(
            tags={"env": "prod <1>"}, management_groups=[["landing", "Landing zones"]]
        )
        Subscription.objects.filter(pk=second.pk).update(tags={"env": "test"})
    url = reverse("subscriptions", args=[home.slug])
    html = engineer.get(url).content.decode()
    assert "Landing zones" in html
    assert "env=prod &lt;1&gt;" in html
    both = (f"include-{first.pk}", f"include-{second.pk}")
    for query, shown in (
        ({}, (True, True)),
        ({"group": "landing"}, (True, False)),
        ({"tag": "env=test"}, (False, True)),
        ({"group": "landing", "tag": "env=test"}, (False, False)),
        ({"group": "nobody"}, (False, False)),
    ):
        html = engineer.get(url, query).content.decode()
        assert tuple(name in html for name in both) == shown, query
    assert "No subscriptions match" in html
    # Saving a filtered list changes only the subscriptions that the list shows.
    filtered = f"{url}?tag=env%3Dtest"
    answer = engineer.post(filtered, {**start_of(engineer, filtered), f"reason-{second.pk}": "A laboratory"})
    assert answer.status_code == 302
    with factories.in_tenant(home):
        included = dict(Subscription.objects.values_list("pk", "included"))
    assert [pk for pk, value in included.items() if not value] == [second.pk]
