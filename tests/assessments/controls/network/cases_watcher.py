"""Network watchers of the regions in use."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

WATCHER = "network-watcher"
_NETWORK = f"{RG}/providers/Microsoft.Network"


def _watcher(region: str, state: Any = "Succeeded") -> dict[str, Any]:
    properties = {} if state is None else {"provisioningState": state}
    return doc(f"{_NETWORK}/networkWatchers/NetworkWatcher_{region}", properties, location=region)


def _network(region: str | None = "West Europe") -> dict[str, Any]:
    return doc(f"{_NETWORK}/virtualNetworks/vnet1", {}, **({"location": region} if region else {}))


def _provider(*regions: Any, kind: str = "networkWatchers") -> dict[str, Any]:
    """The provider Microsoft.Network, which offers network watchers in these regions."""
    types = [{"resourceType": kind, "locations": list(regions)}]
    return {"network_provider": {SUB: [{"id": f"{SUB}/providers/Microsoft.Network", "resourceTypes": types}]}}


_OFFERED = _provider("West Europe", "North Europe")


def _watched(*watchers: dict[str, Any], region: str | None = "West Europe") -> dict[str, Any]:
    return {"virtual_networks": [_network(region)], "network_watchers": list(watchers), **_OFFERED}


def _resources(*regions: str) -> dict[str, Any]:
    return {
        "resources": [
            {
                "id": f"{RG}/providers/Microsoft.Test/ones/{number}",
                "type": "Microsoft.Test/ones",
                "location": region,
            }
            for number, region in enumerate(regions)
        ]
    }


CASES = [
    *(
        Case(WATCHER, name, docs, outcome, reason=reason)
        for name, docs, outcome, reason in (
            ("watched", _watched(_watcher("westeurope")), "pass", ""),
            ("other region", _watched(_watcher("northeurope")), "fail", "no network watcher that is ready"),
            ("none", _watched(), "fail", ""),
            ("changed at the moment", _watched(_watcher("westeurope", "Updating")), "pass", ""),
            ("not ready", _watched(_watcher("westeurope", "Failed")), "fail", ""),
            ("canceled", _watched(_watcher("westeurope", "Canceled")), "fail", ""),
            ("state absent", _watched(_watcher("westeurope", None)), "unknown", ""),
            ("state of another region absent", _watched(_watcher("westeurope"), _watcher("x", None)), "pass", ""),
            ("region absent", _watched(_watcher("westeurope"), region=None), "unknown", ""),
            ("no network", {"network_watchers": [_watcher("westeurope")]}, "not_applicable", ""),
        )
    ),
    *(
        Case(WATCHER, name, docs, outcome, params={"regions": "all"})
        for name, docs, outcome in (
            ("all regions watched", {**_watched(_watcher("westeurope")), **_resources("westeurope", "global")}, "pass"),
            ("region of a resource", {**_watched(_watcher("westeurope")), **_resources("northeurope")}, "fail"),
            ("region that offers none", {**_watched(_watcher("westeurope")), **_resources("europe")}, "pass"),
            ("only global resources", _resources("global"), "not_applicable"),
            ("region of a resource absent", {**_watched(_watcher("westeurope")), **_resources("")}, "unknown"),
        )
    ),
    Case(WATCHER, "region of a resource does not count", {**_watched(_watcher("westeurope")), **_resources("x")},
         "pass"),
    Case(WATCHER, "region offers none", {**_watched(), **_provider("North Europe")}, "not_applicable"),
    Case(WATCHER, "provider without the type", {**_watched(), **_provider("West Europe", kind="other")}, "unknown"),
    Case(WATCHER, "provider absent", {"virtual_networks": [_network()]}, "unknown"),
    Case(WATCHER, "provider forbidden", {"virtual_networks": [_network()]}, "unknown", [gap("network_provider")]),
    Case(WATCHER, "resources forbidden", _watched(_watcher("westeurope")), "unknown", [gap("resources")],
         {"regions": "all"}),
    Case(WATCHER, "forbidden", {"virtual_networks": [_network()]}, "unknown", [gap("network_watchers")]),
]  # fmt: skip
OFFICIAL_VERDICTS = """
network-watcher pass: unit
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Network Watcher",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/network-watcher/network-watcher-create.md",
            "a67dcf4ad31651c23bd0ca30a572713a30fd722e",
            "Navigate to All Services > Networking > Network Watcher",
        ),
    ),
]
