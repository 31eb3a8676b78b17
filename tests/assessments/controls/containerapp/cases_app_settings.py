"""Settings of container apps."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

ID = f"{RG}/providers/Microsoft.App/containerApps/app1"


def app(ingress: Any = None, **top: Any) -> dict[str, Any]:
    body = doc(ID, {"configuration": {"ingress": ingress}}, type="Microsoft.App/containerApps", **top)
    return {
        "resources": {SUB: [{key: body[key] for key in ("id", "name", "type")}]},
        "container_apps": [body],
    }


def identity(kind: Any) -> dict[str, Any]:
    return app(identity={"type": kind})


NO_LIST: tuple[Any, ...] = (
    "the list is forbidden",
    {"resources": app()["resources"]},
    {SUB: "unknown"},
    {"gaps": [gap("container_apps")]},
)
NONE: tuple[Any, ...] = ("no app", {}, {SUB: "not_applicable"})

ABSENCE_PASSES = [
    (
        "containerapp-https",
        r"properties\.configuration\.ingress\.transport",
        "without the property, the ingress finds out which version of HTTP is spoken",
    ),
    (
        "containerapp-https",
        r"properties\.configuration\.ingress\.allowInsecure",
        "without the property, insecure connections are not allowed",
    ),
]
CASES = [
    *rows(
        "containerapp-https",
        ("refused", app({"allowInsecure": False, "transport": "http"}), {ID: "pass"}),
        ("absent", app({"external": True}), {ID: "pass"}),
        ("allowed", app({"allowInsecure": True, "transport": "Auto"}), {ID: "fail"}),
        ("TCP", app({"allowInsecure": True, "transport": "tcp"}), {ID: "not_applicable"}),
        ("no ingress", app(), {ID: "not_applicable"}),
        ("text", app({"allowInsecure": "true"}), {ID: "unknown"}),
        ("a new transport", app({"transport": "quic"}), {ID: "unknown"}),
        NO_LIST,
        NONE,
    ),
    *rows(
        "containerapp-identity",
        ("system", identity("SystemAssigned"), {ID: "pass"}),
        ("user", identity("UserAssigned"), {ID: "pass"}),
        ("both", identity("SystemAssigned, UserAssigned"), {ID: "pass"}),
        ("both, as Azure also writes it", identity("SystemAssigned,UserAssigned"), {ID: "pass"}),
        ("none", identity("None"), {ID: "fail"}),
        ("absent", app(), {ID: "fail"}),
        ("a new kind", identity("Delegated"), {ID: "unknown"}),
        ("text", app(identity="SystemAssigned"), {ID: "unknown"}),
        NO_LIST,
        NONE,
    ),
]
OFFICIAL_VERDICTS = """
containerapp-https pass: testcontainerapp0
containerapp-identity fail: testcontainerapp0
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Container Apps › {container_app} › Settings › Ingress",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/container-apps/ingress-how-to.md",
            "0300cb444a63a1520ed236bbd4e481f09710630f",
            "Select Ingress from the Settings menu of the container app page",
        ),
        not_in_text={"Container Apps": "The list of container apps, which a reader finds by its name."},
    ),
    ComparedPath(
        "Azure portal › Container Apps › {container_app} › Settings › Identity",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/container-apps/managed-identity.md",
            "02570517c9d35586c50ec3e786f90d44f3b8f4ec",
            "In the left navigation for your container app's page, scroll down to the Settings group",
            "Select Identity",
        ),
        not_in_text={"Container Apps": "The list of container apps, which a reader finds by its name."},
    ),
]
