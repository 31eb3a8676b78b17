"""Versions of TLS and weak ciphers of API Management services."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.apim.cases_service_settings import ID, service, with_service
from tests.assessments.controls.listed_cases import rows_of
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

_PREFIX = "Microsoft.WindowsAzure.ApiManagement.Gateway.Security."
_NAMES = tuple(
    f"{side}Protocols.{version}" for side in ("", "Backend.") for version in ("Tls10", "Tls11", "Ssl30")
)
_ALL = (*_NAMES, "Ciphers.TripleDes168")
_NEW, _OLD = {"createdAtUtc": "2018-04-02T00:00:00Z"}, {"createdAtUtc": "2018-04-01T23:59:59.9999999Z"}


def custom(tier: str = "Developer", /, more: Any = None, **settings: Any) -> dict[str, Any]:
    """A service with these custom properties. All other properties of TLS and ciphers are off."""
    named = {name.replace("_", "."): value for name, value in settings.items()}
    values = dict.fromkeys(_ALL, "False") | named
    return with_service(
        tier, customProperties={_PREFIX + name: value for name, value in values.items()}, **(more or {})
    )


_rows = rows_of("apim_services", service())

CASES = [
    *_rows(
        "apim-tls",
        ("all off", custom(), {ID: "pass"}),
        ("old TLS for clients", custom(Protocols_Tls10="True"), {ID: "fail"}),
        ("old TLS for backends", custom(Backend_Protocols_Tls11="true"), {ID: "fail"}),
        ("SSL", custom(Protocols_Ssl30=True), {ID: "fail"}),
        ("Triple DES", custom(Ciphers_TripleDes168="TRUE"), {ID: "fail"}),
        ("another cipher", custom(Ciphers_TLS_RSA_WITH_AES_128_CBC_SHA="True"), {ID: "pass"}),
        ("a v2 tier with old TLS", custom("StandardV2", Protocols_Tls11="True"), {ID: "fail"}),
        (
            "other spellings",
            with_service(customProperties={(_PREFIX + name).upper(): "false" for name in _ALL}),
            {ID: "pass"},
        ),
        ("nothing, a newer service", with_service(**_NEW), {ID: "pass"}),
        (
            "nothing, an older service",
            with_service(**_OLD),
            {ID: "fail"},
            {"reason": "when the service was created"},
        ),
        ("null, an older service", custom(Protocols_Tls10=None, more=_OLD), {ID: "fail"}),
        ("all off, an older service", custom(more=_OLD), {ID: "pass"}),
        ("nothing, without a date", with_service(), {ID: "unknown"}),
        ("nothing, not a date", with_service(createdAtUtc="long ago"), {ID: "unknown"}),
        ("nothing, a v2 tier", with_service("BasicV2"), {ID: "pass"}),
        ("nothing, consumption", with_service("Consumption", **_NEW), {ID: "pass"}),
        ("an unknown word", custom(Protocols_Tls10="Moon"), {ID: "unknown"}),
        ("a list", with_service(customProperties=["Tls10"]), {ID: "unknown"}),
    ),
]

ABSENCE_PASSES = [
    ("apim-tls", r"properties\.customProperties.*", "absent settings are off in newer services"),
]
OFFICIAL_VERDICTS = """
apim-tls pass: OGF-Z3-06162021-Standard vvktestcons
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › API Management services › {apim} › Security › Protocols + ciphers",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/api-management/api-management-howto-manage-protocols-ciphers.md",
            "002b0a5824ce3b5c3027cff5f36fe8dad32cbc60",
            "In the left navigation of your API Management instance, under Security, select Protocols + ciphers",
            "Enable or disable desired protocols or ciphers",
        ),
        not_in_text={"API Management services": "The list of services, which a reader finds by its name."},
    ),
]
