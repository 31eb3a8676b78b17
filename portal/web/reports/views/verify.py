"""Serve the public page that verifies a report. The page stores nothing and needs no account."""

from __future__ import annotations

from datetime import UTC
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from portal.portfolio_reports.models import PortfolioReport
from portal.portfolio_reports.published_schemas import PUBLISHED, schema_text
from portal.portfolio_reports.revocation import portfolio_identity, portfolio_in_scope
from portal.reports.journal_head import HeadComparison, compare_head, stated_head
from portal.reports.models import Report
from portal.reports.offline.bundle import NAME, PATH
from portal.reports.records.installation_trust import installation_trust
from portal.reports.records.register import Registered, find_by_hash
from portal.reports.records.report_identity import identity_facts, report_in_scope
from portal.reports.reperformance.archive import NAME as PROGRAM_NAME
from portal.reports.reperformance.archive import program_archive
from portal.reports.verification.verify import MAX_BYTES, Verdict, VerificationResult, verify_pdf
from portal.web.reports.forms import HashField
from portal.web.reports.verify_limits import TryAgain, count_upload, verification_slot
from portal.web.shared.visible import may
from tenants import scope
from tenants.errors import NotFound
from tenants.models import Person
from tenants.roles import Capability

# The number of bytes that a multipart form may have in addition to the file.
FORM_BYTES: Final = 64 * 1024
TOO_MANY_REQUESTS: Final = 429
CONTENT_TOO_LARGE: Final = 413


def _too_large() -> str:
    return (
        f"The file is larger than {MAX_BYTES // 2**20} MiB, which is the limit of this page. Verify the file with"
        " “manage.py verify_report FILE” or with pdfsig."
    )


class HashForm(forms.Form):
    """A form with the SHA-256 of a file."""

    sha256 = HashField(label="SHA-256 of the file")


class VerifyForm(forms.Form):
    """A form with the PDF file to verify."""

    report = forms.FileField(
        label="Report",
        widget=forms.ClearableFileInput(attrs={"accept": "application/pdf,.pdf"}),
        error_messages={
            "required": "Choose the PDF file of a report.",
            "empty": "The file is empty. Choose the PDF file of a report.",
        },
    )

    def clean_report(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["report"]
        if (file.size or 0) > MAX_BYTES:
            raise forms.ValidationError(_too_large())
        return file


# The page is exempt from CSRF checks, because a check would read the whole upload before the limits apply. The page
# needs no such check, because it changes nothing.
@csrf_exempt
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, VerifyForm())
    try:
        count_upload(request)
        if _content_length(request) > MAX_BYTES + FORM_BYTES:
            return _page(request, VerifyForm(), problem=_too_large(), status=CONTENT_TOO_LARGE)
        if "sha256" in request.POST:
            return _looked_up(request, HashForm(request.POST))
        form = VerifyForm(request.POST, request.FILES)
        if not form.is_valid():
            return _page(request, form, status=400)
        file: UploadedFile[Any] = form.cleaned_data["report"]
        content = file.read()
        with verification_slot():
            result = verify_pdf(content, installation_trust())
    except TryAgain as error:
        response = _page(request, VerifyForm(), problem=str(error), status=TOO_MANY_REQUESTS)
        response["Retry-After"] = str(error.seconds)
        return response
    return _page(request, form, result=result, content=content, name=file.name or "report")


@require_safe
def offline_verifier(request: HttpRequest) -> HttpResponse:
    """Send the offline verifier, a program that needs only pyHanko. The file is the same for everybody."""
    return HttpResponse(
        PATH.read_text(),
        content_type="text/x-python; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{NAME}"'},
    )


@require_safe
def reperformance_program(request: HttpRequest) -> HttpResponse:
    """Send the program that re-performs evidence bundles (evaluates their evidence again). The file is the same for
    everybody.
    """
    return HttpResponse(
        program_archive(),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{PROGRAM_NAME}"'},
    )


@require_safe
def journal_verifier(request: HttpRequest) -> HttpResponse:
    """Send the program that verifies a downloaded journal. The file is the same for everybody."""
    response = render(request, "journal/verify_journal.txt", content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="verify_journal.py"'
    return response


@require_safe
def report_schema(request: HttpRequest, name: str) -> HttpResponse:
    """Send the JSON Schema of a file that reports contain. The file is the same for everybody."""
    if name not in PUBLISHED:
        raise NotFound("This schema does not exist. All schemas are listed on the page Verify.")
    return HttpResponse(
        schema_text(name),
        content_type="application/schema+json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.schema.json"'},
    )


def _looked_up(request: HttpRequest, form: HashForm) -> HttpResponse:
    """Show whether this installation issued a file with the entered hash."""
    if not form.is_valid():
        return _page(request, VerifyForm(), hash_form=form, status=400)
    sha256 = form.cleaned_data["sha256"]
    return _page(request, VerifyForm(), hash_form=form, sha256=sha256, registered=find_by_hash(sha256))


def _content_length(request: HttpRequest) -> int:
    try:
        return int(request.headers.get("content-length") or 0)
    except ValueError:
        return 0  # Django also takes an invalid length as 0, and so reads no body.


def _page(
    request: HttpRequest,
    form: VerifyForm,
    *,
    result: VerificationResult | None = None,
    content: bytes = b"",
    name: str = "",
    hash_form: HashForm | None = None,
    sha256: str = "",
    registered: Registered | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    if result is not None and result.recorded:
        registered = find_by_hash(result.sha256)
    known = _known_report(request, registered)
    journal = _journal(known, content) if result is not None and result.valid else None
    context = {
        "hash_form": hash_form or HashForm(),
        "sha256": sha256,
        "registered": registered,
        "standing": registered.standing if registered else None,
        "record_facts": _record_facts(known, registered, sha256) if sha256 and registered else [],
        "form": form,
        "result": result,
        "known": known,
        "known_url": _page_of(known),
        "known_owner": _owner_of(known),
        "journal": journal,
        "undecided": result is not None and result.verdict == Verdict.UNDECIDED,
        "name": name,
        "facts": [*_identity(known, result), *_facts(result), *_journal_facts(result, known, journal)]
        if result
        else [],
        "schemas": PUBLISHED,
        "problem": problem or " ".join(map(str, form.errors.get("report", []))),
    }
    return render(request, "reports/verify.html", context, status=status)


def _page_of(known: Report | PortfolioReport | None) -> str:
    if isinstance(known, PortfolioReport):
        return reverse("portfolio-report", args=[known.organization.slug, known.number])
    return reverse("report", args=[known.tenant.slug, known.number]) if known is not None else ""


def _owner_of(known: Report | PortfolioReport | None) -> str:
    if isinstance(known, PortfolioReport):
        return known.organization.name
    return known.tenant.name if known is not None else ""


def _known_facts(known: Report | PortfolioReport | None) -> list[tuple[str, object]]:
    if known is None:
        return []
    return [*(portfolio_identity(known) if isinstance(known, PortfolioReport) else identity_facts(known))]


def _record_facts(
    known: Report | PortfolioReport | None, registered: Registered, sha256: str
) -> list[tuple[str, object]]:
    """Return the facts that this installation recorded about the report.

    Facts about the customer are included only for people who may see the report.
    """
    record = registered.record
    return [
        *_known_facts(known),
        *_hashes(registered, sha256),
        ("Document", record.get_kind_display()),
        ("Signed at", f"{record.signed_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"),
        ("PAdES level", record.level),
        *([("SHA-256 of the certificate", record.certificate)] if record.certificate else []),
    ]


def _hashes(registered: Registered, sha256: str) -> list[tuple[str, object]]:
    """Return the hash of the file as it was signed, and the hashes of its copies with renewed archive time stamps."""
    record = registered.record
    if not registered.renewals:
        return [("SHA-256 of the file", record.sha256)]
    copies = [("SHA-256 as signed", record.sha256)]
    copies += [
        (f"SHA-256 since the time stamp of {row.renewed_at.astimezone(UTC):%Y-%m-%d}", row.sha256)
        for row in registered.renewals
    ]
    return [(label, f"{text} (the one you entered)" if text == sha256 else text) for label, text in copies]


def _known_report(request: HttpRequest, registered: Registered | None) -> Report | PortfolioReport | None:
    """Return the stored report whose file is verified. Return None if no such report is stored, or if the person may
    not see it.
    """
    if registered is None or not isinstance(request.user, Person):
        return None
    report = report_in_scope(registered.record.sha256)
    if report is not None:
        return report if may(Capability.READ_REPORTS, report.tenant) else None
    portfolio = portfolio_in_scope(registered.record.sha256)
    if portfolio is None:
        return None
    readable = scope.current().may_in_organization(Capability.READ_REPORTS, portfolio.organization_id)
    return portfolio if readable else None


def _identity(known: Report | PortfolioReport | None, result: VerificationResult) -> list[tuple[str, object]]:
    """Return the facts that identify the report.

    The facts come from this installation's record of the report. If there is no record, or the person may not see it,
    the facts come from the file.
    """
    if known is not None:
        return _known_facts(known)
    stated = (("Title that the file states", result.title), ("Subject that the file states", result.subject))
    return [(label, text) for label, text in stated if text]


def _facts(result: VerificationResult) -> list[tuple[str, object]]:
    """Return the facts that the verification found in the file.

    The person can compare these facts with the statements of the file's sender.
    """
    when = f"{result.signed_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if result.signed_at else "not stated"
    facts: list[tuple[str, object]] = [("SHA-256 of the file", result.sha256)]
    if result.recorded:
        facts.append(("SHA-256 that Surety recorded", "The same as that of the file"))
        facts.append(("Document", "Certificate of erasure" if result.kind == "erasure" else "Report"))
    if result.signer:
        facts += [
            ("Signer", result.signer),
            ("SHA-256 of the certificate", result.fingerprint),
            ("Signed at", when),
            ("PAdES level", _level(result)),
            ("Chain of certificates", ", ".join(result.chain)),
            ("Revocation", result.revocation),
            *(("Time stamp", text) for text in result.time_stamps),
        ]
        if result.valid_until:
            facts.append(("Newest time stamp is valid until", result.valid_until))
        facts.append(("The whole file is", result.coverage))
    if result.inspected:
        certified = "no changes are permitted (DocMDP, P=1)" if result.certified else "not stated"
        facts.append(("Certification", certified))
        facts.append(("Attachments", ", ".join(result.attachments)))
    return facts


def _journal(known: Report | PortfolioReport | None, content: bytes) -> HeadComparison | None:
    """Compare the journal head that the file states with the stored journal. Return None if the person may not read the
    report, or if the file states no journal head.
    """
    if known is None:
        return None
    head = stated_head(known, content)
    owner = known.organization if isinstance(known, PortfolioReport) else known.tenant
    return compare_head(owner, head, whole=False) if head else None


def _journal_facts(
    result: VerificationResult, known: Report | PortfolioReport | None, journal: HeadComparison | None
) -> list[tuple[str, object]]:
    if journal is not None:
        head = journal.head
        return [
            ("Journal head that the report states", f"Entry {head.sequence}, SHA-256 {head.hash}"),
            ("Stored journal", journal.sentence),
        ]
    if result.valid and result.recorded and result.kind == "report" and known is None:
        return [
            (
                "Stored journal",
                "Surety compares the journal head only for people who are signed in and may read the report",
            )
        ]
    return []


def _level(result: VerificationResult) -> str:
    """Return the signature level that the file has now. If the report was signed with another level, also name the
    level with which it was signed.
    """
    if result.intended_level in ("", result.level):
        return result.level
    return f"{result.level}, but the report was signed as {result.intended_level}"
