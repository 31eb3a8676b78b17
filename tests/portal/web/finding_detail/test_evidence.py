"""The evidence on the page of a finding: a limited number of documents, of a limited length."""

from __future__ import annotations

import hashlib
from typing import Any

from django.urls import reverse
from django.utils import timezone

from assessments.models import EvidenceItem, Finding
from portal.web.finding_detail.evidence import MAX_CHARACTERS, MAX_DOCUMENTS
from tests import factories
from tests.portal.web.world import SignIn, World


def store(world: World, *contents: dict[str, Any]) -> Finding:
    """Store documents as the evidence of a finding."""
    finding: Finding = world.of(world.home)["finding"]
    hashes = [hashlib.sha256(str(content).encode()).hexdigest() for content in contents]
    with factories.in_tenant(world.home):
        EvidenceItem.objects.bulk_create(
            EvidenceItem(
                tenant=world.home,
                sha256=sha256,
                source="arm",
                collection="storage_accounts",
                document_id=f"document-{number}",
                collected_at=timezone.now(),
                content=content,
            )
            for number, (sha256, content) in enumerate(zip(hashes, contents, strict=True))
        )
        Finding.objects.filter(pk=finding.pk).update(evidence=hashes)
    return finding


def finding_hash(number: int) -> str:
    return hashlib.sha256(str({"number": number}).encode()).hexdigest()


def test_the_page_shows_the_first_documents_and_counts_the_others(world: World, sign_in: SignIn) -> None:
    finding = store(world, *({"number": number} for number in range(MAX_DOCUMENTS + 1200)))
    page = sign_in(world.people["auditor"]).get(reverse("finding", args=[world.home.slug, finding.pk]))
    html = page.content.decode()
    assert html.count("Document as read") == MAX_DOCUMENTS
    assert "1,200 more documents." in html
    assert f'<span class="mono break">{finding_hash(0)}</span>' in html


def test_the_page_does_not_show_a_very_long_document(world: World, sign_in: SignIn) -> None:
    finding = store(world, {"short": "shown"}, {"long": "x" * MAX_CHARACTERS})
    page = sign_in(world.people["auditor"]).get(reverse("finding", args=[world.home.slug, finding.pk]))
    html = page.content.decode()
    assert html.count("Document as read") == html.count("too long for this page") == 1
    assert "&quot;short&quot;: &quot;shown&quot;" in html
    assert "xxxx" not in html
    assert "more document" not in html
