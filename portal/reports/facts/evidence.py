"""The stored evidence that a report cites."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from assessments.models import EvidenceItem
from tenants.models import Tenant


def stored_evidence(tenant: Tenant, hashes: AbstractSet[bytes]) -> QuerySet[EvidenceItem]:
    """Return the stored evidence with these hashes (32 bytes each).

    All hashes are passed as one parameter, an array, because the number of parameters of a query is limited.
    """
    texts = [sha256.hex() for sha256 in hashes]
    is_cited = RawSQL("sha256 = ANY(%s)", (texts,), output_field=BooleanField())
    return EvidenceItem.objects.filter(is_cited, tenant=tenant)
