"""What the frame shows: the entries of the rail and the place one is at."""

from __future__ import annotations

from typing import Final, NamedTuple

from django.http import HttpRequest
from django.urls import reverse


class Entry(NamedTuple):
    label: str
    icon: str
    url: str
    current: bool


# label, icon, URL name; `area` is the first part of the view's name (findings-list, findings-detail -> findings)
EVERYWHERE: Final = (
    ("Portfolio", "portfolio", "portfolio"),
    ("Controls", "controls", "controls"),
    ("Verify", "verify", "verify"),
)
OF_A_TENANT: Final = (
    ("Overview", "overview", "tenant"),
    ("Findings", "findings", "findings"),
    ("Assessments", "assessments", "assessments"),
    ("Reports", "reports", "reports"),
    ("Settings", "settings", "tenant-settings"),
)


def _area(request: HttpRequest) -> str:
    match = request.resolver_match
    name = match.url_name if match is not None else None
    return name or ""


def _is_current(url_name: str, here: str) -> bool:
    singular = url_name.removesuffix("s")
    return here == url_name or (here.startswith((f"{url_name}-", f"{singular}-")) and url_name != "tenant") or (
        url_name.endswith("s") and here == singular
    )


def everywhere(request: HttpRequest) -> list[Entry]:
    here = _area(request)
    return [Entry(label, icon, reverse(name), _is_current(name, here)) for label, icon, name in EVERYWHERE]


def of_tenant(request: HttpRequest, slug: str) -> list[Entry]:
    here = _area(request)
    return [
        Entry(label, icon, reverse(name, args=[slug]), _is_current(name, here)) for label, icon, name in OF_A_TENANT
    ]
