"""Collecting apps of App Service: which slots and private endpoints are read, and what is never stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from assessments.estate.collections.webapp import WEB_ENDPOINTS
from assessments.management.sandboxed import serve
from tests.assessments.collect import azure

GROUP = f"/subscriptions/{azure.guid(1)}/resourceGroups/rg-data/providers"
SHOP, BLOG = f"{GROUP}/Microsoft.Web/sites/shop", f"{GROUP}/Microsoft.Web/sites/blog"
STAGING = f"{SHOP}/slots/staging"
KEY = "hidden-link: /app-insights-instrumentation-key"


def line(identifier: str, **properties: Any) -> azure.Line:
    return {"id": identifier, "name": identifier.rsplit("/", 1)[-1], "properties": properties}


LINES = [
    azure.directory(),
    *azure.subscription(azure.guid(1)),
    {
        **line(SHOP, httpsOnly=True, siteConfig={"minTlsVersion": None}),
        "type": "Microsoft.Web/sites",
        "tags": {KEY: "0", "team": "shop"},
    },
    {**line(BLOG, publicNetworkAccess="Enabled"), "type": "Microsoft.Web/sites"},
    {**line(STAGING), "type": "Microsoft.Web/sites/slots"},
    line(
        f"{SHOP}/config/web", minTlsVersion="1.2", publishingUsername="$shop", machineKey={"decryption": "x"}
    ),
    line(f"{STAGING}/config/web", publicNetworkAccess="Disabled"),
    line(f"{BLOG}/config/web"),
    line(f"{SHOP}/privateEndpointConnections/pe"),
]


def test_apps_and_their_slots_are_read_without_secrets(tmp_path: Path) -> None:
    with serve(azure.write(tmp_path / "estate.jsonl", LINES)) as served:
        estate = azure.collected(azure.session(served), azure.guid(1), WEB_ENDPOINTS)
    scopes = {
        name: {answer.scope for answer in estate.answers(name)} for name in ("web_slots", "web_endpoints")
    }
    assert scopes == {"web_slots": {SHOP}, "web_endpoints": {SHOP}}
    assert [view.id for view in estate.documents("web_slots")] == [STAGING]
    assert {view.id for view in estate.documents("web_configs")} == {
        f"{app}/config/web" for app in (SHOP, BLOG, STAGING)
    }
    (shop,) = [view for view in estate.documents("web_sites") if view.id == SHOP]
    assert (shop.body["tags"], shop.body["properties"]) == ({"team": "shop"}, {"httpsOnly": True})
    (config,) = [view for view in estate.documents("web_configs") if view.id == f"{SHOP}/config/web"]
    assert config.body["properties"] == {"minTlsVersion": "1.2"}
