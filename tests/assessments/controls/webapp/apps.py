"""Documents of App Service apps and of their configurations, and rows of cases about apps."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import RG, SUB, doc, gap

ID = f"{RG}/providers/Microsoft.Web/sites/shop"
SLOT = f"{ID}/slots/staging"
RESOURCES = [
    {"id": ID, "name": "shop", "type": "Microsoft.Web/sites"},
    {"id": SLOT, "name": "shop/staging", "type": "Microsoft.Web/sites/slots"},
]


def app(identifier: str = ID, kind: Any = "app,linux", top: Any = None, **properties: Any) -> dict[str, Any]:
    """An app or slot, as the list of apps contains it."""
    held = {"state": "Running", "enabled": True, **properties}
    return doc(identifier, held, location="westeurope", kind=kind, **(top or {}))


CONTAINER_APPS = "functionapp,linux,container,azurecontainerapps"
"""The kind of a function app on Container Apps."""


def config(identifier: str = ID, **properties: Any) -> dict[str, Any]:
    return doc(f"{identifier}/config/web", properties)


def one(body: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {"web_sites": [body], "resources": RESOURCES[:1], **others}


def configured(body: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    """One app with these properties of its configuration."""
    return one(body or app(), web_configs=[config(**properties)])


NO_LIST: tuple[Any, ...] = (
    "the list is forbidden",
    {"resources": RESOURCES[:1]},
    {SUB: "unknown"},
    {"gaps": [gap("web_sites")]},
)
NONE: tuple[Any, ...] = ("no app", {}, {SUB: "not_applicable"})
ON_CONTAINER_APPS: tuple[Any, ...] = (
    "on Container Apps",
    one(app(kind=CONTAINER_APPS, state="Stopped")),
    {ID: "not_applicable"},
    {"reason": "Container Apps", "no_remark": "stopped"},
)
NO_CONFIG: tuple[Any, ...] = (
    "the configuration is forbidden",
    one(app()),
    {ID: "unknown"},
    {"gaps": [gap("web_configs", ID)]},
)
CONFIG_ABSENT: tuple[Any, ...] = ("no configuration", one(app()), {ID: "unknown"})
