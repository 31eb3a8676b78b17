"""The panel that shows a finding beside the list, the advice for an unknown finding, and the check of one finding."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.actions import check_finding
from assessments.models import Finding
from portal.treatment.naming import control_problem
from tests import factories
from tests.portal.web.world import SignIn, World

PERMISSION = "Microsoft.Network/networkSecurityGroups/read"


def plain(html: str) -> str:
    """Return the text of a page without tags."""
    return " ".join(re.sub(r"<[^>]+>", "", html).split())


@pytest.fixture
def unread(world: World) -> Finding:
    """A finding of a subscription whose network security groups could not be read."""
    with factories.in_tenant(world.home):
        return Finding.objects.get(
            tenant=world.home, control="network-ssh-from-internet", outcome="unknown", gone_at=None
        )


def test_an_unknown_finding_shows_the_grant_and_not_the_fix_of_the_failure(
    world: World, engineer: Client, unread: Finding, sign_in: SignIn
) -> None:
    slug = world.home.slug
    for name in ("finding", "finding-panel"):
        html = engineer.get(reverse(name, args=[slug, unread.pk]), headers={"HX-Request": "true"})
        text = html.content.decode()
        assert f"Grant {PERMISSION} (role Reader) on Production." in text, name
        assert "az role assignment create" in text, name
        assert "az network nsg" not in text, name
    url = reverse("finding", args=[slug, unread.pk])
    administrator = sign_in(world.people["tenant_administrator"]).get(url).content.decode()
    assert reverse("preflight", args=[slug, world.of(world.home)["principal"].pk]) in administrator


def test_an_unknown_finding_links_to_the_credential_that_entra_refused(
    world: World, unread: Finding, sign_in: SignIn
) -> None:
    with factories.in_tenant(world.home):
        Finding.objects.filter(pk=unread.pk).update(unknown_because="unauthenticated")
    slug = world.home.slug
    url = reverse("finding", args=[slug, unread.pk])
    principal = reverse("service-principal", args=[slug, world.of(world.home)["principal"].pk])
    html = sign_in(world.people["tenant_administrator"]).get(url).content.decode()
    assert f'<a href="{principal}">Replace credential</a>' in html
    assert "Check permissions</a>" not in html


def test_an_unknown_finding_says_since_when_it_is_unknown(
    world: World, engineer: Client, unread: Finding
) -> None:
    """The finding began to fail 80 days ago, and has been unknown for 3 days. It keeps `failing_since`."""
    now = timezone.now()
    with factories.in_tenant(world.home):
        Finding.objects.filter(pk=unread.pk).update(
            failing_since=now - timedelta(days=80), changed_at=now - timedelta(days=3)
        )
    day = f"{now - timedelta(days=3):%Y-%m-%d}"
    for name in ("finding", "finding-panel"):
        answer = engineer.get(
            reverse(name, args=[world.home.slug, unread.pk]), headers={"HX-Request": "true"}
        )
        assert f"Unknown since {day}" in plain(answer.content.decode()), name


def test_a_finding_that_is_gone_is_not_said_to_fail(world: World, engineer: Client) -> None:
    finding = world.of(world.home)["finding"]
    now = timezone.now()
    with factories.in_tenant(world.home):
        Finding.objects.filter(pk=finding.pk).update(
            state="gone", gone_at=now, changed_at=now, failing_since=now - timedelta(days=80)
        )
    for name in ("finding", "finding-panel"):
        answer = engineer.get(
            reverse(name, args=[world.home.slug, finding.pk]), headers={"HX-Request": "true"}
        )
        text = plain(answer.content.decode())
        assert f"Gone since {now:%Y-%m-%d}" in text, name
        assert "no longer exists or is no longer assessed. The last result was “Fail”: " in text, name
        assert "az storage" not in text, name


def test_a_failing_finding_shows_its_fix_in_the_panel(world: World, engineer: Client) -> None:
    found = world.of(world.home)["owned"]
    url = reverse("finding-panel", args=[world.home.slug, found.pk])
    html = engineer.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "az storage account update" in html
    assert "<html" not in html
    assert control_problem(found.control) in html
    # A browser that opens the panel's own address is redirected to the page of the finding, with the list's filter.
    answer = engineer.get(f"{url}?state=open&finding=x&open=y")
    page = reverse("finding", args=[world.home.slug, found.pk])
    assert answer.headers["Location"] == f"{page}?state=open"


def test_the_page_knows_its_place_in_the_list(world: World, engineer: Client) -> None:
    listed = engineer.get(reverse("findings", args=[world.home.slug]) + "?state=open&layout=list")
    rows = listed.context["rows"]
    pages = [engineer.get(row["url"]) for row in rows[:2]]
    first, second = (page.context["around"] for page in pages)
    assert (first.previous_url, first.next_url) == ("", rows[1]["url"])
    assert second.previous_url == rows[0]["url"]
    assert (second.place.number, second.place.count) == (2, listed.context["count"])
    html = pages[0].content.decode()
    assert f'href="{reverse("findings", args=[world.home.slug])}?state=open&amp;layout=list"' in html
    assert "Findings: Open" in html


@pytest.mark.slow(seconds=1)
def test_the_list_without_filters_gives_a_place_too(world: World, engineer: Client) -> None:
    listed = engineer.get(reverse("findings", args=[world.home.slug]) + "?layout=list")
    row = listed.context["rows"][1]
    assert "?layout=list" in row["url"]
    grouped = engineer.get(reverse("findings", args=[world.home.slug]) + f"?open={row['control']}")
    (opened,) = (found for found in grouped.context["groups"] if found["control"] == row["control"])
    place = engineer.get(opened["rows"][0]["url"]).context["around"].place
    assert place.count == grouped.context["total"]


@pytest.mark.slow(seconds=1)
def test_a_finding_opened_by_its_own_address_stands_among_the_open_findings(
    world: World, engineer: Client
) -> None:
    slug = world.home.slug
    count = engineer.get(reverse("findings", args=[slug]) + "?state=open").context["count"]
    with factories.in_tenant(world.home):
        passing = Finding.objects.filter(tenant=world.home, outcome="pass", gone_at=None).first()
    assert passing is not None
    page = engineer.get(reverse("finding", args=[slug, world.of(world.home)["finding"].pk]))
    assert page.context["around"].place.count == count
    assert f" of {count}" in page.content.decode()
    assert "Findings: Open" in page.content.decode()
    # If a finding is not in the list, its page states no place in the list.
    other = engineer.get(reverse("finding", args=[slug, passing.pk]))
    assert other.context["around"] is None
    assert (other.context["crumbs_label"], other.context["crumbs_url"]) == (
        "Findings",
        reverse("findings", args=[slug]),
    )
    assert '<nav class="around"' in page.content.decode()
    assert '<nav class="around"' not in other.content.decode()


@pytest.mark.slow(seconds=1)
def test_a_check_is_requested_shown_and_limited(
    world: World, engineer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()
    found = world.of(world.home)["owned"]
    page = reverse("finding", args=[world.home.slug, found.pk])
    url = reverse("finding-check", args=[world.home.slug, found.pk])
    back = f"{page}?state=open"
    assert engineer.post(url, {"next": back}).headers["Location"] == back
    html = engineer.get(page).content.decode()
    assert "Checking only this resource" in html
    assert 'hx-trigger="every 2s"' in html
    running = check_finding.latest_check(found)
    assert running is not None
    ended = replace(running, outcome="pass", reason="The account is private", ended_at=timezone.now())
    check_finding._store(found.tenant_id, found.pk, ended)
    html = engineer.get(page).content.decode()
    assert "The account is private." in html
    assert "The result differs from the finding. The next assessment updates the finding." in html
    # The verdict in the cache is encrypted. A copy of this entry under the key of another finding is not accepted.
    key = f"sealed:{check_finding._key(found.tenant_id, found.pk)}"
    assert "private" not in cache.get(key)
    other = world.of(world.home)["finding"]
    cache.set(f"sealed:{check_finding._key(other.tenant_id, other.pk)}", cache.get(key))
    assert check_finding.latest_check(other) is None
    monkeypatch.setattr(check_finding, "MAX_PER_HOUR", 1)
    html = engineer.post(url, follow=True).content.decode()
    assert "Start an assessment, or try again in the next hour." in html
    cache.clear()


@pytest.mark.slow(seconds=1)
def test_remarks_stand_directly_under_the_sentence_that_they_qualify(world: World, engineer: Client) -> None:
    found = world.of(world.home)["owned"]
    with factories.in_tenant(world.home):
        remarks = ["the firewall filters <all> traffic", "Not attached to a subnet"]
        Finding.objects.filter(pk=found.pk).update(remarks=remarks)
    for name, sentence, following in (
        ("finding", '<p class="sentence">', found.subject_type),
        ("finding-panel", '<h2 class="verdict-sentence">', "since "),
    ):
        url = reverse(name, args=[world.home.slug, found.pk])
        html = engineer.get(url, headers={"HX-Request": "true"}).content.decode()
        after = html.split(sentence)[1].split(following)[0]
        items = re.findall(r"<li>(.*?)</li>", after)
        assert items == ["The firewall filters &lt;all&gt; traffic", "Not attached to a subnet"], name
        assert html.count("Not attached to a subnet") == 1, name
    without = engineer.get(reverse("finding", args=[world.home.slug, world.of(world.home)["finding"].pk]))
    assert 'aria-label="Remarks"' not in without.content.decode()
