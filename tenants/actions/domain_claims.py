"""Manage the email domains of organizations. The operator of Surety verifies which organization owns a domain."""

from __future__ import annotations

import re
from typing import Final

from django.db import transaction

from tenants import journal
from tenants.actors import Actor
from tenants.errors import Conflict, NotFound, invalid
from tenants.models import Organization
from tenants.scope import organization_scope
from tenants.selectors import organization_ids

_DOMAIN: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")


def claims() -> dict[str, Organization]:
    """Return all claimed domains and their organizations. Only commands of Surety's operator call this function."""
    found: dict[str, Organization] = {}
    for organization_id in organization_ids():
        with organization_scope(organization_id):
            organization = Organization.objects.get(pk=organization_id)
        found |= dict.fromkeys(organization.owned_domains, organization)
    return found


def claim_domain(*, domain: str, slug: str, by: Actor) -> Organization:
    """Store that the organization owns the domain.

    The organization can require single sign-on for email addresses of the domain. Then people with such an address must
    use single sign-on, even if they also have a role in another organization.

    Raise InvalidInput if the text is no domain, Conflict if the domain has an owner, and NotFound if the organization
    is unknown.
    """
    name = checked_domain(domain)
    owner = claims().get(name)
    if owner is not None:
        raise Conflict(
            f"{name} already belongs to {owner.slug}. Remove this owner first: manage.py claim_domain {name} --withdraw"
        )
    return _change(slug, by, "domain.claimed", name, add=True)


def withdraw_domain(*, domain: str, by: Actor) -> Organization:
    """Remove the owner of the domain. Raise NotFound if the domain has no owner."""
    name = checked_domain(domain)
    owner = claims().get(name)
    if owner is None:
        raise NotFound(f"{name} has no owner, so there is nothing to withdraw.")
    return _change(owner.slug, by, "domain.withdrawn", name, add=False)


def checked_domain(text: str) -> str:
    """Return the domain in lower case. Raise InvalidInput if the text is not a domain."""
    name = text.strip().lower()
    if len(name) > 253 or not _DOMAIN.fullmatch(name):
        raise invalid(
            "domain",
            f"{text!r} is not a domain. Enter the part of email addresses after the @, for example contoso.com.",
        )
    return name


def _change(slug: str, by: Actor, action: str, domain: str, *, add: bool) -> Organization:
    for organization_id in organization_ids():
        with organization_scope(organization_id), transaction.atomic():
            row = Organization.objects.select_for_update(no_key=True).get(pk=organization_id)
            if row.slug != slug:
                continue
            row.owned_domains = sorted(
                {*row.owned_domains, domain} if add else {*row.owned_domains} - {domain}
            )
            row.save(update_fields=["owned_domains"])
            journal.record(organization=row, actor=by, action=action, target=row, details={"domain": domain})
            return row
    raise NotFound(
        f"There is no organization with the short name {slug!r}. Enter the short name as in the addresses of the"
        " organization's pages."
    )
