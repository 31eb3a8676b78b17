"""Pages, exports and reports show names instead of ids, or name the permission that is missing.

Mails and chat messages show ids of people and groups, because names in them could not be erased.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.display.names import Kind, Status
from assessments.models import EvidenceItem, Finding, ObjectName
from assessments.selectors import latest
from portal.notify.delivery.mail_messages import compose
from portal.notify.formats import render_body
from portal.notify.models import Channel, Notice, Post
from portal.reports.gather import gather_facts
from portal.reports.keys.signing_identity import ensure_signing_identity
from portal.reports.models import Report
from portal.reports.render import render_html
from tenants.ids import uuid7
from tenants.roles import Role
from tests import factories
from tests.bare_ids import bare_ids, text_of_page
from tests.portal.web.opened_pages import opened_pages
from tests.portal.web.world import World, give

pytestmark = pytest.mark.slow(seconds=12)

PERSON = "aaaaaaaa-0000-0000-0000-000000000001"
GROUP = "aaaaaaaa-0000-0000-0000-000000000002"
HIDDEN = "aaaaaaaa-0000-0000-0000-000000000003"
MISSING = "name not readable: missing permission GroupMember.Read.All"
# Columns that contain ids on purpose: ids of rows and resources, and commands.
ID_COLUMNS = {"Finding", "Subject id", "Fix"}


@pytest.fixture
def names(world: World) -> dict[str, str]:
    """Return {id: name} of what the findings mention: a person, a group, a subscription and a directory."""
    own = world.of(world.home)
    with factories.in_tenant(world.home):
        rows = [
            (PERSON, Kind.USER, {"display_name": "Anna Berg", "principal_name": "anna@contoso.com"}),
            (GROUP, Kind.GROUP, {"display_name": "Tier Zero"}),
            (HIDDEN, Kind.GROUP, {"status": Status.NOT_READABLE, "permission": "GroupMember.Read.All"}),
        ]
        for guid, kind, more in rows:
            ObjectName.objects.create(
                tenant=world.home,
                directory=own["directory"],
                guid=guid,
                kind=kind,
                read_at=datetime(2026, 11, 26, tzinfo=UTC),
                **{"status": Status.KNOWN, **more},
            )
        for finding in (own["finding"], own["owned"]):
            finding.refresh_from_db()
            finding.observed = {"lacking": [PERSON, HIDDEN], "group": GROUP}
            finding.reason = f"Members of group {GROUP} and of {HIDDEN} include {PERSON}"
            finding.remarks = [f"Group {GROUP} is nested"]
            finding.save(update_fields=["observed", "reason", "remarks"])
            # Stored evidence cannot be changed, so the finding cites a copy, whose document id is the id of the person.
            copy = EvidenceItem.objects.filter(sha256__in=finding.evidence)[0]
            copy.pk, copy.sha256, copy.document_id = (
                uuid7(),
                hashlib.sha256(finding.pk.bytes).hexdigest(),
                PERSON,
            )
            copy.save(force_insert=True)
            Finding.objects.filter(pk=finding.pk).update(evidence=[copy.sha256])
        # The page of this finding shows the id of the person, because the finding is about the person.
        own["owned"].subject = f"directory:{own['directory'].directory_id}/users/{PERSON}"
        own["owned"].subject_name = PERSON
        own["owned"].save(update_fields=["subject", "subject_name"])
        give(world.home, own["owned"], None, by=world.people["organization_engineer"])
        give(world.home, own["owned"], world.people["owner"], by=world.people["organization_engineer"])
        return {
            PERSON: "Anna Berg (anna@contoso.com)",
            GROUP: "Tier Zero",
            own["subscription"].subscription_id: own["subscription"].display_name,
            own["directory"].directory_id: own["directory"].name,
        }


def test_pages_show_names(engineer: Client, world: World, names: dict[str, str]) -> None:
    found = []
    pages = opened_pages(world, Role.ORGANIZATION_ENGINEER) | {
        "owned": reverse("finding", args=[world.home.slug, world.of(world.home)["owned"].pk])
    }
    # Pages of the journal and of channels are not checked: their entries and posts show ids as they were stored.
    for name, url in pages.items():
        answer = engineer.get(url, follow=True)
        assert answer.status_code == 200, name
        text = text_of_page(answer.content.decode())
        if not name.startswith(("journal", "channel")):
            found += [(name, bare) for bare in bare_ids(text, names)]
    assert found == []
    finding = engineer.get(pages["finding"]).content.decode()
    assert f'<bdi>{names[PERSON]}</bdi> <small class="id">{PERSON}</small>' in finding
    assert MISSING in finding


def test_the_verdict_names_a_person_with_the_id_below(
    engineer: Client, world: World, names: dict[str, str]
) -> None:
    for page in ("finding", "finding-panel"):
        url = reverse(page, args=[world.home.slug, world.of(world.home)["owned"].pk])
        html = engineer.get(url, headers={"HX-Request": "true"}).content.decode()
        verdict = re.search(r'class="(?:verdict-)?sentence">(.*?)</(?:p|h2)>', html, re.DOTALL)
        assert verdict is not None
        # Check only the subject, because the reason in the sentence names the person too.
        subject = verdict[1].split("</span>")[0]
        assert subject.endswith(f"<bdi>{names[PERSON]}</bdi>")
        assert f'· <small class="id mono">{PERSON}</small>' in html[verdict.end() :]


def test_exports_show_names(engineer: Client, world: World, names: dict[str, str]) -> None:
    answer = engineer.get(reverse("findings-csv", args=[world.home.slug]))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(text)))
    cells = [cell for row in rows for name, cell in row.items() if name not in ID_COLUMNS]
    assert [bare for cell in cells for bare in bare_ids(cell, names)] == []
    assert any(names[PERSON] in cell for cell in cells)
    assert any(MISSING in cell for cell in cells)
    # In a fix, the path in the Azure portal names the subscription, while the commands need its id.
    portal = [line for row in rows for line in row["Fix"].splitlines() if line.startswith("In the portal")]
    assert portal
    assert [bare for line in portal for bare in bare_ids(line, names)] == []


def messages(world: World) -> Iterator[str]:
    notices = list(Notice.objects.filter(tenant=world.home).select_related("person"))
    for notice in notices:
        message = compose([notice], world.home)
        yield f"{message.subject} {message.body}"
        yield text_of_page(str(message.alternatives[0][0]))
    for post in Post.objects.filter(tenant=world.home):
        for kind in Channel.Kind.values:
            body = json.loads(render_body(kind, {"at": str(timezone.now()), **post.payload}, "d"))
            yield from strings(body)


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings(part)


def test_mails_and_chat_messages_show_names_only_of_places(world: World, names: dict[str, str]) -> None:
    with factories.in_tenant(world.home):
        texts = list(messages(world))
    places = {guid: name for guid, name in names.items() if guid not in (PERSON, GROUP)}
    assert [bare for text in texts for bare in bare_ids(text, places)] == []
    assert any(PERSON in text for text in texts)
    assert [text for text in texts if "Anna Berg" in text or names[GROUP] in text] == []


def test_reports_show_names(
    world: World, names: dict[str, str], settings: LazySettings, tmp_path: Path
) -> None:
    settings.SURETY_HOME = tmp_path
    with factories.in_tenant(world.home):
        assessment = latest(world.home)
        assert assessment is not None
        report = Report(
            tenant=world.home, number=99, assessment=assessment, framework="cis-6.0.0", as_of=timezone.now()
        )
        html = render_html(gather_facts(report, ensure_signing_identity()), [])
    text = text_of_page(html)
    # Check only ids of people and groups: the report's parts on scope and identity have columns with the ids of
    # directories and subscriptions.
    of_findings = {guid: name for guid, name in names.items() if guid in (PERSON, GROUP)}
    assert list(bare_ids(text, of_findings)) == []
    assert names[PERSON] in text
    assert MISSING in text
