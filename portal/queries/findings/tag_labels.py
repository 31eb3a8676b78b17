"""Readable labels of tags whose values contain masked email addresses.

A tag such as ``owner=anna@contoso.com`` is stored with a mask instead of the address. The email addresses of people
whom findings name are stored without a mask. If masking such an address gives the same text as in the tag, the label
can show the address. Filters still use the masked value.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from django.db.models import Q

from assessments.estate.redact import redact
from assessments.models import ObjectName
from tenants.models import Tenant

_MASKED: Final = re.compile(r"masked-([0-9a-f]{6})[0-9a-f]{4}@([\w.-]+)")


def tag_labels(tenants: Collection[Tenant], values: Iterable[str], *, may_see_names: bool) -> dict[str, str]:
    """Return {value: label} of the tag values that contain a masked address.

    If `may_see_names` is set and findings of one of the tenants name the person with this address, the label contains
    the unmasked address. Other labels contain “hidden address 1a2b3c at contoso.com”, where 1a2b3c distinguishes
    addresses.
    """
    masked = [value for value in values if _MASKED.search(value)]
    if not masked:
        return {}
    domains = {found[2].casefold() for value in masked for found in _MASKED.finditer(value)}
    known = _known(tenants, domains) if may_see_names else {}
    return {value: _MASKED.sub(lambda found: _label(found, known), value) for value in masked}


def _label(found: re.Match[str], known: Mapping[str, str]) -> str:
    return known.get(found[0].casefold()) or f"hidden address {found[1]} at {found[2]}"


def _known(tenants: Collection[Tenant], domains: Iterable[str]) -> dict[str, str]:
    """Return {masked address: address} of the people whom findings name and whose addresses are in these domains."""
    in_domains = Q(pk__in=())
    for domain in domains:
        in_domains |= Q(principal_name__iendswith=f"@{domain}")
    names = ObjectName.objects.filter(in_domains, tenant_id__any_of=[tenant.pk for tenant in tenants])
    return {
        str(redact(address)).casefold(): address
        for address in names.values_list("principal_name", flat=True).distinct()
    }
