"""The command that lists, previews, adds and removes exclusion rules."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tenants.models import ExclusionRule, JournalEntry, Subscription
from tests import factories
from tests.portal.web.world import World


def command(*words: str) -> str:
    out = StringIO()
    call_command("exclusion_rules", *words, stdout=out)
    return out.getvalue()


def test_a_rule_is_previewed_added_listed_and_removed(world: World) -> None:
    slug = world.home.slug
    with factories.in_tenant(world.home):
        row = world.of(world.home)["subscription"]
        Subscription.objects.filter(pk=row.pk).update(
            tags={"environment": "test"}, management_groups=[["landing", "Landing zones"]]
        )
    assert command("preview", slug, "--group", "landing") == (
        f"Below the management group landing: 1 of 1 subscriptions\n  {row.subscription_id}  Production\n"
    )
    assert command("preview", slug, "--tag", "environment=prod").endswith("0 of 1 subscriptions\n")
    with factories.in_tenant(world.home):
        assert ExclusionRule.objects.count() == 1
    words = ("--tag", "environment=test", "--reason", "Tested elsewhere", "--until", "2999-12-31")
    added = command("add", slug, "--name", "Tests", *words)
    assert added.endswith(". The rule now excludes 1 subscription.\n")
    with factories.in_tenant(world.home):
        rule = ExclusionRule.objects.get(tag="environment=test")
        entry = JournalEntry.objects.get(action="exclusion_rule.added")
        # Stored names can contain control characters, because earlier versions accepted them.
        ExclusionRule.objects.filter(pk=rule.pk).update(name="Tests\x1b[31m")
        rule.refresh_from_db()
    assert entry.actor.startswith("system:operator ")
    listed = command()
    assert "\x1b" not in listed
    assert "With the tag environment=test; excludes 1; Tested elsewhere; until 2999-12-31\n" in listed
    assert command("list") == listed
    assert command("remove", slug, "--name", rule.name).startswith("Removed: Tests")
    assert "environment=test" not in command()
    for tenant in (world.home, world.foreign):
        with factories.in_tenant(tenant):
            ExclusionRule.objects.filter(tenant=tenant).delete()
    assert command() == "No customer has an exclusion rule.\n"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["preview", "nobody", "--tag", "a=b"], "no customer with the short name"),
        (["preview", "{slug}"], "Choose a management group, a tag or both"),
        (["add", "{slug}", "--tag", "a", "--name", "X", "--reason", "Y"], "name=value"),
        (
            ["add", "{slug}", "--tag", "a=b", "--until", "soon", "--name", "X", "--reason", "Y"],
            "is not a date",
        ),
        (
            ["add", "{slug}", "--tag", "a=b", "--name", "X\x1b[31m", "--reason", "Y"],
            "invisible control character",
        ),
        (
            ["add", "{slug}", "--tag", "a=b", "--until", "2001-01-01", "--name", "X", "--reason", "Y"],
            "future",
        ),
        (["remove", "{slug}", "--name", "X"], "has no exclusion rule"),
    ],
)
def test_what_cannot_be_done_is_explained(world: World, words: list[str], text: str) -> None:
    with pytest.raises(CommandError, match=text):
        command(*(word.replace("{slug}", world.home.slug) for word in words))
