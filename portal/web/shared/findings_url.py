"""Build the URL of a customer's list of findings with filters."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse

from tenants.models import Tenant


def findings_url(tenant: Tenant, **query: object) -> str:
    """Return the URL of the findings page with these filters. If the value of a filter is a list, the filter gets
    several values.
    """
    return f"{reverse('findings', args=[tenant.slug])}?{urlencode(query, doseq=True)}"
