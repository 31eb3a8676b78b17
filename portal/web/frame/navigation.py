"""What the frame shows: the entries of the rail and the place one is at."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from django.http import HttpRequest
from django.urls import reverse

from portal.web.shared.visible import may
from tenants import scope
from tenants.models import Tenant
from tenants.roles import Capability


class Entry(NamedTuple):
    label: str
    icon: str
    url: str
    current: bool
    # How many wait for the person; 0 shows none.
    waiting: int = 0


# label, icon, URL name
EVERYWHERE: Final = (
    ("Portfolio", "portfolio", "portfolio"),
    ("My findings", "person", "my"),
    ("Controls", "controls", "controls"),
    ("Verify", "verify", "verify"),
)
OF_A_TENANT: Final = (
    ("Overview", "overview", "tenant"),
    ("Findings", "findings", "findings"),
    ("Exceptions", "exceptions", "exceptions"),
    ("Attestations", "attestations", "attestations"),
    ("Assessments", "assessments", "assessments"),
    ("Reports", "reports", "reports"),
    ("Journal", "journal", "journal"),
    ("Settings", "settings", "tenant-settings"),
)

# Shown to those alone who may open them: they are not of the work that owners do.
_NEEDS: Final = {
    "journal": Capability.JOURNAL,
    "reports": Capability.READ_REPORTS,
    "tenant-settings": Capability.VIEW_ALL,
}

# What lies under a tenant's settings, besides what begins as an owner rule's or a channel's address does.
_SETTINGS: Final = frozenset(
    (
        "tenant-settings",
        "service-principal-add",
        "preflight",
        "policy",
        "parameters",
        "parameter",
        "channels",
        "channel",
        "dead-letters",
    )
)
# Pages under a tenant's settings that are found by name: label, icon, URL name, who may open them.
SETTINGS: Final = (
    ("Policy", "clock", "policy", Capability.ADMINISTER),
    ("Owner rules", "person", "owner-rules", Capability.ASSIGN),
    ("Control parameters", "controls", "parameters", Capability.VIEW_ALL),
    ("Channels", "bell", "channels", Capability.ADMINISTER),
)

# Findings opens on what has to be done.
_QUERY: Final = {"findings": "?state=open"}


def _is_current(url_name: str, here: str) -> bool:
    """Whether the page named ``here`` lies under the entry: ``finding`` lies under ``findings``."""
    area = url_name.removesuffix("s") if url_name != "tenant-settings" else url_name
    if url_name == "tenant-settings":
        return here in _SETTINGS or here.startswith(("owner-rule", "channel-"))
    if url_name == "attestations" and here == "attest":
        return True
    has_parts = url_name.endswith("s") or url_name == "journal"
    return here in (url_name, area) or (has_parts and here.startswith(f"{area}-"))


def _here(request: HttpRequest) -> str:
    return (request.resolver_match.url_name or "") if request.resolver_match else ""


def _entries(request: HttpRequest, entries: Iterable[tuple[str, str, str]], *args: str) -> list[Entry]:
    here = _here(request)
    return [
        Entry(label, icon, reverse(name, args=args) + _QUERY.get(name, ""), _is_current(name, here))
        for label, icon, name in entries
    ]


def everywhere(request: HttpRequest) -> list[Entry]:
    return _entries(request, EVERYWHERE)


def of_tenant(request: HttpRequest, tenant: Tenant, waiting: int = 0) -> list[Entry]:
    """``waiting`` is how many exceptions wait for the person."""
    held = scope.current_or_none()
    shown = [
        (label, icon, name)
        for label, icon, name in OF_A_TENANT
        if name not in _NEEDS or (held is not None and held.may(_NEEDS[name], tenant.pk))
    ]
    found = _entries(request, shown, tenant.slug)
    return [entry._replace(waiting=waiting) if entry.icon == "exceptions" else entry for entry in found]


def settings_of_tenant(request: HttpRequest, tenant: Tenant) -> list[Entry]:
    """The pages under a tenant's settings that the person of this request may open."""
    allowed = [(label, icon, name) for label, icon, name, needs in SETTINGS if may(needs, tenant)]
    return _entries(request, allowed, tenant.slug)
