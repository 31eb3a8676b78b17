"""The certificate of an erasure names what was erased, and can be verified."""

from __future__ import annotations

import hashlib

import pytest
from django.utils import timezone

from portal.offboarding.erasures.requests import customer_pseudonym, delete_old_certificates
from portal.offboarding.models import Erasure
from portal.reports.models import SignedReport
from portal.reports.records.installation_trust import installation_trust
from portal.reports.verification.verify import verify_pdf
from tenants.models import OrganizationJournalEntry, Person
from tenants.scope import organization_scope
from tests.portal.offboarding.erasure_cases import confirmed, run, stored
from tests.portal.web.world import World

pytestmark = pytest.mark.slow(seconds=10)


def test_certificate_names_what_was_erased_and_is_verified(world: World, second: Person) -> None:
    erasure = confirmed(world, second)
    salt = stored(erasure).salt
    run(erasure)
    done = stored(erasure)
    content = done.open_certificate()
    result = verify_pdf(content, installation_trust())
    assert (result.valid, result.kind, result.recorded) == (True, "erasure", True)
    assert result.title == "Certificate of erasure"
    assert hashlib.sha256(content).hexdigest() == done.certificate_sha256
    assert done.pseudonym == customer_pseudonym(salt, world.home.pk)
    text = pdf_text(content)
    for word in ("Alder & Finch Clinics", str(world.home.pk), salt, done.pseudonym, done.head_hash, "Person"):
        assert word in text, word
    assert "Texts that people wrote about something else, even if they contain the customer’s name" in text
    pseudonymised = (
        f"email addresses of {done.people} people who had access only to this customer were replaced"
    )
    assert done.people > 1
    assert pseudonymised in text
    assert "Accounts of people who also had access to another customer or to an organization" in text
    assert "Signed with a self-signed certificate, for demonstration only" in text
    assert "No time stamp: the signing time comes from the signer’s clock." in text
    assert "files of scanners in the folder from which they were imported" in text
    for table, number in done.rows.items():
        assert f"{table} {number} row" in text, table
    with organization_scope(world.organization):
        chain = list(OrganizationJournalEntry.objects.order_by("-sequence")[:1])
        assert chain[0].details["certificate"] == done.certificate_sha256
        assert SignedReport.objects.get(report=done.pk).kind == "erasure"
        assert delete_old_certificates(organization_id=world.organization.pk) == 0
        Erasure.objects.filter(pk=done.pk).update(certificate_until=timezone.now())
        assert delete_old_certificates(organization_id=world.organization.pk) == 1
        assert not stored(done).has_certificate
    assert verify_pdf(content[:-40] + b"0" * 40, installation_trust()).valid is False


def pdf_text(content: bytes) -> str:
    """Return the text of a PDF in the layout of its pages, as words separated by single spaces even across lines."""
    import subprocess

    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())
