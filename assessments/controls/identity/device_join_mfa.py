"""Controls that check whether registering or joining a device requires MFA.

Source: https://learn.microsoft.com/graph/api/resources/deviceregistrationpolicy
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import per_scope
from assessments.controls.docstrings import Doc
from assessments.controls.identity._policies import (
    MAX_EXCLUDED,
    WIDE_EXCLUSIONS,
    WITH_LOCATIONS,
    judge_policies,
)
from assessments.controls.references import Partly, References
from assessments.controls.shared.directory import directory_setting
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.directory import DEVICE_REGISTRATION_POLICY
from assessments.estate.identity.conditional_access import Demand, requires_mfa, restriction
from assessments.estate.view import View
from assessments.fixes.conditional_access import (
    CONDITIONAL_ACCESS_COST,
    MFA_VARIABLES,
    create_policy,
    everybody,
)
from assessments.fixes.declare import Fix, advice

_REGISTER_DEVICE: Final = "urn:user:registerdevice"


def _device_join(ctx: Context) -> Verdict:
    setting = directory_setting(ctx, DEVICE_REGISTRATION_POLICY)
    configuration = setting.text("multiFactorAuthConfiguration")
    required = setting.choice("multiFactorAuthConfiguration", {"required", "notrequired"}) == "required"
    if required:
        return passed("Registering a device requires MFA", multiFactorAuthConfiguration=configuration)
    return judge_policies(
        ctx,
        _register_device,
        found=passed(
            "A Conditional Access policy requires MFA when a device is registered or joined",
            multiFactorAuthConfiguration=configuration,
        ),
        missing=failed(
            "Neither the device settings nor a Conditional Access policy requires MFA when a device is registered",
            multiFactorAuthConfiguration=configuration,
        ),
        defaults=failed(
            "The device settings do not require MFA when a device is registered",
            multiFactorAuthConfiguration=configuration,
        ),
        unlicensed=failed(
            "The device settings do not require MFA when a device is registered",
            multiFactorAuthConfiguration=configuration,
        ),
    )


def _register_device(policy: View) -> Demand:
    demand = restriction(policy, action=_REGISTER_DEVICE)
    if demand.why:
        return demand
    strong, remarks = requires_mfa(policy)
    if not strong:
        return replace(demand, why="it does not demand multi-factor authentication")
    return replace(demand, remarks=[*demand.remarks, *remarks])


DEVICE_JOIN_MFA = per_scope(
    needs=(DEVICE_REGISTRATION_POLICY, *WITH_LOCATIONS),
    slug="identity-device-join-mfa",
    doc=Doc(
        "Registering or joining a device requires MFA",
        "Devices can be registered without MFA",
        "The device settings, or a Conditional Access policy for all users, require MFA when a device is registered or"
        " joined",
        "`multiFactorAuthConfiguration` of the device registration policy: `required` passes. With `notRequired`,"
        " the control passes if an enabled Conditional Access policy requires MFA and applies to all users and to the"
        " user action `urn:user:registerdevice`. Microsoft recommends such a policy instead of the setting."
        f" {WIDE_EXCLUSIONS} Other exclusions are remarks.",
        "An attacker with a stolen password can register a device of their own. Policies that trust devices of the"
        " organization may then let this device in.",
    ),
    fix=Fix(
        *create_policy(
            "Require multifactor authentication to register or join devices",
            {
                **everybody(),
                "applications": {"includeUserActions": [_REGISTER_DEVICE]},
            },
            "mfa",
            intro="Require MFA for the user action “Register or join devices”.",
        ),
        advice("Without a licence for Conditional Access, require MFA in the device settings instead."),
        portal="Entra admin center › Entra ID › Devices › Overview › Device settings › Require multifactor"
        " authentication to register or join devices with Microsoft Entra ID",
        portal_source="https://learn.microsoft.com/entra/identity/devices/manage-device-identities",
        cost=CONDITIONAL_ACCESS_COST,
        effects="Microsoft applies the policy only if the device setting “Require multifactor authentication to"
        " register or join devices with Microsoft Entra ID” is No, so set it to No.",
        variables=MFA_VARIABLES,
    ),
    severity=Severity.MEDIUM,
    labels={"multiFactorAuthConfiguration": "MFA when a device is registered"},
    references=References(
        c2="1.22",
        c3="2.22",
        c4="6.22",
        c5="5.22",
        c6="5.1.2",
        nist="IA-2(1)* IA-3*",
        partly=(
            # Version 2 of the CIS benchmark asks for the device setting itself. Later versions prefer a Conditional
            # Access policy.
            Partly(
                "c2",
                "The requirement asks for the setting; the control also accepts a Conditional Access policy",
            ),
        ),
    ),
    parameters=(MAX_EXCLUDED,),
)(_device_join)

CONTROLS = (DEVICE_JOIN_MFA,)
