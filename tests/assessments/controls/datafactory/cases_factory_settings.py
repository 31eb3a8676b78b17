"""Settings and linked services of data factories."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import RG, doc, gap
from tests.assessments.controls.listed_cases import connection, in_inventory, rows_of
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

ID = f"{RG}/providers/Microsoft.DataFactory/factories/adf1"


def factory(**properties: Any) -> dict[str, Any]:
    return doc(ID, properties, type="Microsoft.DataFactory/factories")


def with_factory(**properties: Any) -> dict[str, Any]:
    """A factory with only these properties."""
    body = factory(**properties)
    return {**in_inventory(body), "data_factories": [body]}


def connected(*states: Any) -> dict[str, Any]:
    return {
        **with_factory(),
        "data_factory_endpoints": [connection(ID, state, n) for n, state in enumerate(states)],
    }


def linked(*services: Any) -> dict[str, Any]:
    """A factory with linked services. Each argument lists the properties of one linked service that contain
    credentials.
    """
    held = [
        doc(f"{ID}/linkedservices/link{number}", {"type": "AzureSqlDatabase", "credentialProperties": names})
        for number, names in enumerate(services)
    ]
    return {**with_factory(), "data_factory_linked_services": held}


_rows = rows_of("data_factories", factory())

CASES = [
    *_rows(
        "datafactory-pna",
        ("off", with_factory(publicNetworkAccess="disabled"), {ID: "pass"}),
        ("on", with_factory(publicNetworkAccess="Enabled"), {ID: "fail"}),
        ("absent", with_factory(), {ID: "fail"}, {"reason": "the setting is absent"}),
        ("perimeter", with_factory(publicNetworkAccess="SecuredByPerimeter"), {ID: "pass"}),
        ("a new value", with_factory(publicNetworkAccess="Moon"), {ID: "unknown"}),
    ),
    *_rows(
        "datafactory-pe",
        ("approved", connected("Pending", "Approved"), {ID: "pass"}),
        ("pending", connected("Pending"), {ID: "fail"}),
        ("none", connected(), {ID: "fail"}),
        ("a new state", connected("Moon"), {ID: "unknown"}),
        ("forbidden", with_factory(), {ID: "unknown"}, {"gaps": [gap("data_factory_endpoints", ID)]}),
    ),
    *_rows(
        "datafactory-secrets",
        ("no credential", linked([], []), {ID: "pass"}),
        ("a credential", linked([], ["password"]), {ID: "fail"}),
        ("no linked service", linked(), {ID: "not_applicable"}),
        ("settings are no object", linked(None), {ID: "unknown"}),
        ("names are text", linked("password"), {ID: "unknown"}),
        ("forbidden", with_factory(), {ID: "unknown"}, {"gaps": [gap("data_factory_linked_services", ID)]}),
    ),
]
OFFICIAL_VERDICTS = """
datafactory-pe fail: FactoryToUpgrade
datafactory-pe pass: exampleFactoryName
datafactory-pna fail: FactoryToUpgrade exampleFactoryName
datafactory-secrets not_applicable: FactoryToUpgrade
datafactory-secrets fail: exampleFactoryName
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Data factories › {factory} › Networking › Private endpoint connections › + Private endpoint",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/data-factory/data-factory-private-link.md",
            "0319d6aa18c8c4e196fa72e8710f7f894538fa02",
            (
                "On the Azure portal page for your data factory, select the Networking blade and the "
                "Private endpoint connections tab, and then select + Private endpoint"
            ),
        ),
        not_in_text={"Data factories": "The list of data factories, which a reader finds by its name."},
    ),
    ComparedPath(
        "Azure portal › Data factories › {factory} › Networking",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/data-factory/data-factory-private-link.md",
            "0319d6aa18c8c4e196fa72e8710f7f894538fa02",
            (
                "You can change the selection anytime after creation from the data factory portal page on "
                "the Networking blade"
            ),
        ),
        not_in_text={"Data factories": "The list of data factories, which a reader finds by its name."},
    ),
    ComparedPath(
        "Azure portal › Data factories › {factory} › Connections › Linked services",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/data-factory/store-credentials-in-key-vault.md",
            "01fd82a38f86a81614e8e2d9a59ee8446d424a59",
            "Select Connections -> Linked Services -> New",
        ),
        not_in_text={"Data factories": "The list of data factories, which a reader finds by its name."},
    ),
]
