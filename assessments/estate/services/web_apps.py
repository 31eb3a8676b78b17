"""Facts about apps of App Service and Azure Functions. Pure functions.

Properties: Azure/azure-rest-api-specs, web/resource-manager/Microsoft.Web/AppService/stable/2025-05-01/openapi.json
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from assessments.estate.estate import Estate
from assessments.estate.ids import fold, parent_of
from assessments.estate.view import View

APPS: Final = ("web_sites", "web_slots")
"""The names of the collections whose documents are apps."""
_SLOT: Final = "microsoft.web/sites/slots"
# The tags of an app into which Azure writes the key of Application Insights.
_SECRET_TAGS: Final = (
    "hidden-link: /app-insights-instrumentation-key",
    "hidden-link: /app-insights-conn-string",
)
# The properties of `config/web` that are credentials or can contain credentials.
_SECRETS: Final = frozenset(
    {
        "appsettings",
        "azurestorageaccounts",
        "connectionstrings",
        "machinekey",
        "metadata",
        "publishingusername",
        "push",
    }
)


def kinds(app: View) -> frozenset[str]:
    """Return the words of the property `kind` in lower case: `app`, `linux`, `container`, `functionapp`, ….

    The kind of a web app for Windows may have no words. Raise Unreadable if the kind is not a text, or the document has
    no properties.
    """
    app.object("properties")
    return frozenset(word.strip().casefold() for word in app.text("kind", default="").split(",")) - {""}


def is_function_app(app: View) -> bool:
    """Return whether the app is a function app or a logic app (Standard). Raise Unreadable if a property is missing or
    invalid.
    """
    return "functionapp" in kinds(app)


def is_logic_app(app: View) -> bool:
    """Return whether the app is a logic app (Standard). Raise Unreadable if a property is missing or invalid."""
    return "workflowapp" in kinds(app)


def is_on_container_apps(app: View) -> bool:
    """Return whether the app is a function app on Container Apps. Raise Unreadable if a property is missing or invalid.

    https://learn.microsoft.com/azure/azure-functions/functions-container-apps-hosting
    """
    return "azurecontainerapps" in kinds(app)


def is_web_app(app: View) -> bool:
    """Return whether the app is neither a function app nor a logic app. Raise Unreadable if a property is missing or
    invalid.
    """
    return not is_function_app(app)


def without_secrets(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an app without `siteConfig` and without the tags that contain the key of Application Insights.

    `siteConfig` is incomplete and has values that are not in effect:
    https://github.com/Azure/azure-sdk-for-js/issues/26876 and https://github.com/Azure/azure-sdk-for-js/issues/13497
    """
    found = dict(body)
    if isinstance(tags := body.get("tags"), Mapping):
        found["tags"] = {
            key: value for key, value in tags.items() if str(key).strip().casefold() not in _SECRET_TAGS
        }
    if isinstance(properties := body.get("properties"), Mapping):
        found["properties"] = {key: value for key, value in properties.items() if key != "siteConfig"}
    return found


def without_credentials(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the configuration of an app without properties that may have credentials."""
    properties = body.get("properties")
    if not isinstance(properties, Mapping):
        return body
    kept = {key: value for key, value in properties.items() if str(key).casefold() not in _SECRETS}
    return {**body, "properties": kept}


def without_references(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return only the status of a key vault reference. The reference itself is left out: people may have entered a
    secret in its place.
    """
    properties = body.get("properties")
    if not isinstance(properties, Mapping):
        return body
    return {**body, "properties": {key: value for key, value in properties.items() if key == "status"}}


def sites_with_slots(estate: Estate) -> Iterable[str]:
    """Yield the ids of the apps that, according to the list of resources, have a deployment slot. If the list of
    resources is incomplete, yield all apps.
    """
    with_slots: set[str] = set()
    is_incomplete = False
    for answer in estate.answers("resources"):
        is_incomplete = is_incomplete or answer.gap is not None
        for view in answer.documents:
            kind = view.raw("type")
            if isinstance(kind, str) and fold(kind) == _SLOT:
                with_slots.add(fold(parent_of(view.id)))
    for site in estate.documents("web_sites"):
        if site.id and (is_incomplete or fold(site.id) in with_slots):
            yield site.id


def apps(estate: Estate) -> Iterator[str]:
    """Yield the ids of the apps and of their deployment slots."""
    for name in APPS:
        for view in estate.documents(name):
            if view.id:
                yield view.id


def apps_with_default_access(estate: Estate) -> Iterator[str]:
    """Yield the ids of the apps and slots that have no setting of public network access. If this setting is absent,
    public network access is on, unless the app or slot has a private endpoint.
    """
    configured = {
        fold(answer.scope)
        for answer in estate.answers("web_configs")
        if any(view.raw("properties.publicNetworkAccess") for view in answer.documents)
    }
    for name in APPS:
        for view in estate.documents(name):
            if view.id and not view.raw("properties.publicNetworkAccess") and fold(view.id) not in configured:
                yield view.id
