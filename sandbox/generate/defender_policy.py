"""Generate the initiative of the Microsoft cloud security benchmark, and its assignments to subscriptions and
management groups.

Format: Microsoft.Authorization/policyAssignments 2023-04-01. Expected verdicts: defender-policy-all-recommendations.
"""

from __future__ import annotations

from sandbox.generate.directory.management_groups import ManagementGroups, write_policy
from sandbox.generate.output import Json, Output
from sandbox.generate.random_source import RandomSource
from sandbox.generate.subscription import Subscription

_ALLOWED_LOCATIONS = (
    "/providers/Microsoft.Authorization/policyDefinitions/e56962a6-4747-49cd-b67b-bf8b01975c4c"
)
MCSB = "/providers/Microsoft.Authorization/policySetDefinitions/1f3afdf9-d0c9-4c3d-847f-89da613e70a8"
_EFFECTS = (
    "diskEncryptionMonitoringEffect",
    "secureTransferToStorageAccountMonitoringEffect",
    "sqlServerAuditingMonitoringEffect",
    "identityRemoveExternalAccountWithOwnerPermissionsMonitoringEffect",
    "azurePolicyAddonStatusEffectV2",
)
# By default, the initiative disables the recommendation of this parameter. So an assignment that enables all
# recommendations must set this parameter.
_DISABLED_BY_DEFAULT = "keysExpirationSetEffect"
_DEPRECATED_EFFECT = "retiredAgentMonitoringEffect"
# These parameters set the effect of a policy, but are hard to recognise: they have allowed values in lower case, or a
# name without "effect". Source: https://github.com/Azure/azure-policy, policySetDefinitions/Security
# Center/AzureSecurityCenter.json (57.56.0)
_RARE_EFFECTS: dict[str, Json] = {
    "disallowPublicBlobAccessEffect": {
        "type": "string",
        "allowedValues": ["audit", "deny", "disabled"],
        "defaultValue": "audit",
    },
    "azureKubernetesServiceClustersShouldHaveSecurityProfileEnabled": {
        "type": "string",
        "allowedValues": ["Audit", "Disabled"],
        "defaultValue": "Audit",
    },
    "certificatesValidityPeriodMonitoringEffect": {
        "type": "string",
        "allowedValues": ["audit", "deny", "disabled"],
        "defaultValue": "disabled",
    },
}


def write_initiative(out: Output, rng: RandomSource) -> tuple[str, ...]:
    """Write the definition of the benchmark's initiative, with the defaults of its parameters.

    Rarely, the initiative also has the parameters `_RARE_EFFECTS`. Return the names of these parameters if the
    initiative has them, or an empty tuple.
    """
    parameters: Json = {
        name: {
            "type": "String",
            "allowedValues": ["AuditIfNotExists", "Disabled"],
            "defaultValue": "AuditIfNotExists",
        }
        for name in _EFFECTS
    }
    parameters[_DISABLED_BY_DEFAULT] = {
        "type": "String",
        "allowedValues": ["Audit", "Deny", "Disabled"],
        "defaultValue": "Disabled",
    }
    parameters[_DEPRECATED_EFFECT] = {
        "type": "String",
        "allowedValues": ["AuditIfNotExists", "Disabled"],
        "defaultValue": "Disabled",
        "metadata": {"deprecated": True},
    }
    rare = _RARE_EFFECTS if rng.rare() else {}
    parameters |= rare
    properties = {
        "displayName": "Microsoft cloud security benchmark",
        "policyType": "BuiltIn",
        "metadata": {"version": "57.56.0", "category": "Security Center"},
        "parameters": parameters,
        "policyDefinitions": [],
    }
    name = MCSB.rsplit("/", 1)[-1]
    out.document(
        {
            "id": MCSB,
            "name": name,
            "type": "Microsoft.Authorization/policySetDefinitions",
            "properties": properties,
        }
    )
    return tuple(rare)


def _required_effects(rare: tuple[str, ...], enabled: str) -> Json:
    """Return the parameters that an assignment of the initiative must set to enable all recommendations, because their
    defaults disable recommendations.

    `rare` is the result of `write_initiative`. `enabled` is the value for `_DISABLED_BY_DEFAULT`.
    """
    required = {_DISABLED_BY_DEFAULT: {"value": enabled}}
    for name in rare:
        if _RARE_EFFECTS[name]["defaultValue"] == "disabled":
            required[name] = {"value": "audit"}
    return required


def write_security_policy(sub: Subscription) -> None:
    """Write an assignment of the benchmark to the subscription, and an assignment of another policy."""
    rng = sub.rng
    wrong = rng.faulty()
    form = rng.pick(("missing", "not enforced", "excluded", "effect off", "overridden")) if wrong else "good"
    unrecognised = rng.branch("rare effect off")
    if wrong and sub.rare_effects and unrecognised.chance(0.5):
        form = "rare effect off"
    sub.expect_failure_if("defender-policy-all-recommendations", sub.id, wrong and not _inherits_policy(sub))
    _assignment(
        sub,
        "allowed-locations",
        _ALLOWED_LOCATIONS,
        {},
    )
    if form == "missing":
        return
    changes: Json = {}
    if form == "not enforced":
        changes["enforcementMode"] = "DoNotEnforce"
    elif form == "excluded":
        changes["notScopes"] = [sub.id]
    elif form == "effect off":
        changes["parameters"] = {rng.pick(_EFFECTS): {"value": rng.pick(("Disabled", "disabled"))}}
    elif form == "overridden":
        changes["overrides"] = [
            {
                "kind": "policyEffect",
                "value": "Disabled",
                "selectors": [
                    {"kind": "policyDefinitionReferenceId", "in": [_EFFECTS[0].removesuffix("Effect")]}
                ],
            }
        ]
    elif rng.chance(0.3):
        changes["parameters"] = {
            _EFFECTS[1]: {"value": "AuditIfNotExists"},
            _DEPRECATED_EFFECT: {"value": "Disabled"},
        }
    # Use separate random sources (branches), so that their choices do not change other parts of the estate.
    defaults = rng.branch("effects by default")
    if form == "effect off" and defaults.chance(0.5):
        changes["parameters"] = {}
    else:
        required = _required_effects(sub.rare_effects, defaults.pick(("Audit", "Deny")))
        if form == "rare effect off":
            changes["parameters"] = _rare_effect_off(unrecognised, sub.rare_effects, required)
        changes["parameters"] = required | changes.get("parameters", {})
    exclusions = rng.branch("excluded groups")
    if form != "excluded" and exclusions.chance(0.4):
        # If resource groups are excluded, the verdict gets a remark, but the policy still covers the subscription.
        groups = ("rg-sandbox", "rg-training", "rg-migration")[: exclusions.randrange(1, 4)]
        changes["notScopes"] = [f"{sub.id}/resourceGroups/{group}" for group in groups]
    _assignment(sub, rng.pick(("SecurityCenterBuiltIn", "ASC Default", "MCSB")), MCSB, changes)


def _rare_effect_off(rng: RandomSource, rare: tuple[str, ...], required: Json) -> Json:
    """Choose a parameter in `rare`. Return the parameters with which an assignment disables this parameter's policy.

    Usually, the assignment sets the chosen parameter to Disabled or disabled. If the parameter is in `required`, its
    policy is off by default. So sometimes, the parameter is only deleted from `required`, and the returned dict is
    empty.
    """
    name = rng.pick(rare)
    if name in required and rng.chance(0.5):
        del required[name]
        return {}
    return {name: {"value": rng.pick(("Disabled", "disabled"))}}


def _inherits_policy(sub: Subscription) -> bool:
    """Return whether the subscription inherits the benchmark from a management group. The benchmark's assignment to
    this group must be `good`, and must not exclude the subscription.

    As a random fault, add the subscription to the exclusions of this assignment.
    """
    if sub.groups is None or sub.groups.policy != "good":
        return False
    if sub.rng.branch("inherited policy").faulty():
        sub.groups.excluded.append(sub.id)
        return False
    return True


def write_inherited_policy(out: Output, groups: ManagementGroups, rare_effects: tuple[str, ...]) -> None:
    """Write the assignment of the benchmark to the management group.

    Call this after all subscriptions have been written, because the assignment can exclude some of them.
    """
    write_policy(out, groups, MCSB, _EFFECTS[0], _required_effects(rare_effects, "Audit"))


def _assignment(sub: Subscription, name: str, definition: str, changes: Json) -> None:
    properties: Json = {
        "displayName": name,
        "policyDefinitionId": definition,
        "scope": sub.id,
        "notScopes": [],
        "parameters": {},
        "enforcementMode": "Default",
        "metadata": {"createdOn": sub.rng.arm_timestamp(200, 900)},
        **changes,
    }
    if properties["enforcementMode"] == "Default" and sub.rng.branch(f"{name}/mode").rare():
        # If this property is missing, the value is Default, as in Microsoft's example listPolicyAssignments
        # (2023-04-01).
        del properties["enforcementMode"]
    sub.write(None, "Microsoft.Authorization/policyAssignments", name, properties)
