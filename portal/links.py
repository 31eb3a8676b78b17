"""Return links to pages, for code that may not import `portal.web`. Each page has one function.

Each function returns a relative link, such as `/t/contoso/findings/`, made by reversing the URL's name.
`absolute` puts the site's own address before it, for mail and chat messages, which are read outside the site.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.urls import reverse

type Query = Mapping[str, object]
"""The parameters of a link. If a value is a list or tuple, the link has the parameter several times."""


def absolute(link: str) -> str:
    """Put the address of this installation (`SURETY_URL`) before a relative link."""
    return f"{settings.SURETY_URL}{link}"


def with_query(link: str, query: Query) -> str:
    """Append the query to a link that has no query string."""
    return f"{link}?{urlencode(query, doseq=True)}" if query else link


def portfolio() -> str:
    return reverse("portfolio")


def my_findings() -> str:
    return reverse("my")


def notices() -> str:
    return reverse("notices")


def preferences() -> str:
    return reverse("preferences")


def unsubscribe(token: str) -> str:
    """Link to the page where a person confirms an unsubscription. Mail programs send a POST request to this link (RFC
    8058).
    """
    return reverse("unsubscribe", args=[token])


def invitation(token: str) -> str:
    """Link to the page that accepts an invitation. Opening the page changes nothing."""
    return reverse("invitation", args=[token])


def control(control_slug: str) -> str:
    return reverse("control", args=[control_slug])


def tenant(slug: str) -> str:
    return reverse("tenant", args=[slug])


def changes(slug: str, **query: object) -> str:
    return with_query(reverse("changes", args=[slug]), query)


def findings(slug: str, **query: object) -> str:
    """Link to the list of findings, filtered by the query: `findings(slug, owner=person.pk)`."""
    return with_query(reverse("findings", args=[slug]), query)


def finding(slug: str, pk: UUID) -> str:
    return reverse("finding", args=[slug, pk])


def acknowledge(slug: str, finding_pk: UUID) -> str:
    """Link to the acknowledgement form of a finding. Opening the form changes nothing."""
    return reverse("finding-acknowledge", args=[slug, finding_pk])


def exceptions(slug: str) -> str:
    return reverse("exceptions", args=[slug])


def exception(slug: str, pk: UUID) -> str:
    return reverse("exception", args=[slug, pk])


def attestations(slug: str) -> str:
    return reverse("attestations", args=[slug])


def attestation(slug: str, finding_pk: UUID) -> str:
    """Link to the attestation of a manual control, by the id of the control's finding."""
    return reverse("attest", args=[slug, finding_pk])


def assessments(slug: str) -> str:
    return reverse("assessments", args=[slug])


def assessment(slug: str, pk: UUID) -> str:
    return reverse("assessment", args=[slug, pk])


def reports(slug: str) -> str:
    return reverse("reports", args=[slug])


def report(slug: str, number: int) -> str:
    return reverse("report", args=[slug, number])


def deleted_reports(slug: str) -> str:
    return reverse("reports-deleted", args=[slug])


def report_link(token: str) -> str:
    """Link to the public page that sends one report to anyone who has the token."""
    return reverse("report-link", args=[token])


def organization_report_schedules(organization_slug: str) -> str:
    return reverse("organization-report-schedules", args=[organization_slug])


def portfolio_reports(organization_slug: str) -> str:
    return reverse("portfolio-reports", args=[organization_slug])


def portfolio_report(organization_slug: str, number: int) -> str:
    return reverse("portfolio-report", args=[organization_slug, number])


def report_schedules(slug: str) -> str:
    return reverse("report-schedules", args=[slug])


def journal(slug: str, **query: object) -> str:
    return with_query(reverse("journal", args=[slug]), query)


def retention(slug: str) -> str:
    """Link to the page that sets how long data of a customer is kept."""
    return reverse("retention", args=[slug])


def subscriptions(slug: str) -> str:
    """Link to the page where subscriptions of a customer are included and excluded."""
    return reverse("subscriptions", args=[slug])


def exclusion_rules(slug: str) -> str:
    """Link to the page with the rules that exclude subscriptions by management group and tag."""
    return reverse("exclusion-rules", args=[slug])


def service_principal(slug: str, pk: UUID) -> str:
    """Link to the page where the credential of a service principal is checked and replaced."""
    return reverse("service-principal", args=[slug, pk])


def policy(slug: str) -> str:
    return reverse("policy", args=[slug])


def profile(slug: str) -> str:
    return reverse("profile", args=[slug])


def schedule(slug: str) -> str:
    return reverse("schedule", args=[slug])


def owner_rules(slug: str) -> str:
    return reverse("owner-rules", args=[slug])


def channels(slug: str) -> str:
    return reverse("channels", args=[slug])


def channel(slug: str, pk: UUID) -> str:
    return reverse("channel", args=[slug, pk])


def deliveries(slug: str) -> str:
    """Link to the list of mails and channel messages that could not be delivered."""
    return reverse("dead-letters", args=[slug])


def erasures(organization_slug: str) -> str:
    return reverse("erasures", args=[organization_slug])


def lighthouse(organization_slug: str) -> str:
    return reverse("lighthouse", args=[organization_slug])


def erasure(organization_slug: str, pk: UUID) -> str:
    return reverse("erasure", args=[organization_slug, pk])


def resource_changes(slug: str) -> str:
    return reverse("resource-changes", args=[slug])


def resource_change(slug: str, pk: UUID) -> str:
    return reverse("resource-change", args=[slug, pk])
