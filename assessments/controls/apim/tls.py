"""The control apim-tls, which checks the TLS versions and weak ciphers that API Management services accept.

Settings and their defaults: apimanagement/resource-manager/Microsoft.ApiManagement/stable/2024-05-01
/apimdeployment.json (`customProperties`). Tiers without these settings:
https://learn.microsoft.com/azure/api-management/api-management-howto-manage-protocols-ciphers
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from assessments.controls.apim._variables import APIM, LEARN, NONE, PORTAL, TIERS
from assessments.controls.context import Context
from assessments.controls.references import References
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.apim import APIM_SERVICES
from assessments.estate.view import View
from assessments.fixes.declare import Fix, command

_PREFIX: Final = "Microsoft.WindowsAzure.ApiManagement.Gateway.Security."
_WEAK: Final = (
    "Protocols.Tls10",
    "Protocols.Tls11",
    "Protocols.Ssl30",
    "Backend.Protocols.Tls10",
    "Backend.Protocols.Tls11",
    "Backend.Protocols.Ssl30",
    "Ciphers.TripleDes168",
)
_FLAGS: Final = {"true": True, "false": False}
# If a setting is absent, its protocol or cipher is on in services created before this time, and off in newer services.
_OLD: Final = datetime(2018, 4, 2, tzinfo=UTC)
# Azure introduced these tiers after `_OLD`. So in their services, an absent setting always means off.
_NEW_TIERS: Final = frozenset({"basicv2", "standardv2", "premiumv2"})


def _protocols(service: View, ctx: Context) -> Verdict:
    properties = service.object("properties")
    custom = properties.object("customProperties", default={})
    # Azure does not always write the names of these settings with the same capitals.
    spelled = {name.casefold(): name for name in custom.body}
    weak: list[str] = []
    absent: list[str] = []
    for name in _WEAK:
        key = spelled.get((_PREFIX + name).casefold())
        value = custom.body[key] if key is not None else None
        if value is None:
            absent.append(name)
        elif (flag := _FLAGS.get(str(value).strip().casefold())) is None:
            raise properties.unknown_value("customProperties", str(value))
        elif flag:
            weak.append(name)
    if weak:
        return failed("The service allows TLS before 1.2 or a weak cipher", weakProtocols=weak)
    if absent and not _is_new(service) and properties.time("createdAtUtc") < _OLD:
        return failed(
            "The service allows TLS before 1.2 or a weak cipher, which was the default when the service was created",
            weakProtocols=absent,
        )
    return passed("The service allows neither TLS before 1.2 nor Triple DES", weakProtocols=[])


def _is_new(service: View) -> bool:
    return service.choice("sku.name", TIERS) in _NEW_TIERS


CONTROLS = declare_settings(
    __name__,
    APIM_SERVICES,
    SettingControl(
        "apim-tls",
        title="API Management services require TLS 1.2",
        problem="API Management service allows old versions of TLS",
        expected="SSL 3.0, TLS 1.0, TLS 1.1 and Triple DES are off, for clients and for backends",
        judged="The settings for protocols and for Triple DES in `customProperties` of each service, for clients and"
        " for backends. None may be true. An absent setting counts as true if the service was created on or before"
        " 1 April 2018, as the API documents, and as false otherwise. Other ciphers are not judged.",
        why="TLS 1.0 and 1.1 have known weaknesses, with which attackers can decrypt or change the traffic.",
        severity=Severity.MEDIUM,
        labels={"weakProtocols": "Old protocols and weak ciphers"},
        empty_reason=NONE,
        judge=_protocols,
        expects={"weakProtocols": ()},
        references=References(mcsb="DP-3*", nist="SC-8* SC-8(1)*"),
        fix=Fix(
            command(
                "az rest --method patch --url {id} --url-parameters api-version=2024-05-01 --body {body}",
                "The request resets all settings that it does not name: add the ciphers and the setting for HTTP/2 that"
                " the service has in customProperties.",
                bodies={
                    "body": {"properties": {"customProperties": {_PREFIX + name: "False" for name in _WEAK}}}
                },
            ),
            portal=f"{PORTAL} Security › Protocols + ciphers",
            portal_source=f"{LEARN}/api-management-howto-manage-protocols-ciphers",
            effects="Clients and backends that know only old versions can no longer connect. The change can take 45"
            " minutes or longer. During the change, a service of the tier Developer is down.",
            variables=[APIM],
        ),
    ),
)
