"""Controls of the network and private endpoints of data factories, and of the credentials of linked services.

Properties: azure-mgmt-datafactory 10.0.0 (Factory, PrivateEndpointConnectionResource).
"""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.references import References
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.shared.rules import (
    ACCEPT_PERIMETER,
    PRIVATE_ENDPOINT_COST,
    PRIVATE_ENDPOINT_EFFECTS,
    private_endpoint_listed,
    private_endpoint_steps,
    private_endpoint_variables,
    public_access_off,
)
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.datafactory import (
    DATA_FACTORIES,
    DATA_FACTORY_ENDPOINTS,
    DATA_FACTORY_LINKED_SERVICES,
)
from assessments.estate.services.linked_services import CREDENTIALS
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.variables import Variable, segment

_PORTAL: Final = "Azure portal › Data factories › {factory} ›"
_LEARN: Final = "https://learn.microsoft.com/azure/data-factory"
_NONE: Final = "No data factory"
FACTORY: Final = Variable(
    "factory", "Name of the data factory", "adf-shop", "the data factory", segment("factories")
)


def _secrets(factory: View, ctx: Context) -> Verdict:
    linked = ctx.documents_at(DATA_FACTORY_LINKED_SERVICES, factory.id)
    if not linked:
        return not_applicable("The data factory has no linked services")
    holding = sorted(one.name for one in linked if one.texts(f"properties.{CREDENTIALS}"))
    if holding:
        return failed("Linked services hold credentials", linkedServices=holding)
    return passed("No linked service holds a credential", linkedServices=[])


CONTROLS = declare_settings(
    __name__,
    DATA_FACTORIES,
    SettingControl(
        "datafactory-pna",
        title="Data factories refuse public networks",
        problem="Data factory reachable from public networks",
        expected="Public network access is off",
        judged="`publicNetworkAccess` of each data factory. Disabled passes. SecuredByPerimeter passes with a remark,"
        " or fails if `accept_perimeter` is off. If the property is absent, it counts as on. The setting applies only"
        " to self-hosted integration runtimes.",
        why="If every network can reach the factory, stolen credentials of a runtime are enough to run its jobs.",
        severity=Severity.MEDIUM,
        empty_reason=_NONE,
        judge=public_access_off(
            failed("Public network access is on, because the setting is absent", publicNetworkAccess=None)
        ),
        parameters=(ACCEPT_PERIMETER,),
        references=References(mcsb2="NS-2", nist="AC-4*"),
        fix=Fix(
            advice(
                "First create a private endpoint for every network with a self-hosted integration runtime, and keep"
                " the credentials of linked services in a key vault."
            ),
            command("az resource update --ids {id} --set properties.publicNetworkAccess=Disabled"),
            portal=f"{_PORTAL} Networking",
            portal_source=f"{_LEARN}/data-factory-private-link",
            effects="Self-hosted integration runtimes that do not use a private endpoint can no longer connect.",
            variables=[FACTORY],
        ),
    ),
    SettingControl(
        "datafactory-pe",
        title="Data factories are used over a private endpoint",
        problem="Data factory without a private endpoint",
        expected="At least one private endpoint is approved",
        judged="The private endpoint connections of each data factory. Passes if one connection is approved and"
        " usable. Connections that are pending, rejected or disconnected do not count.",
        why="Without a private endpoint, clients reach the service at a public address, where attackers"
        " can try stolen credentials.",
        severity=Severity.LOW,
        empty_reason=_NONE,
        judge=private_endpoint_listed(DATA_FACTORY_ENDPOINTS),
        needs=(DATA_FACTORY_ENDPOINTS,),
        references=References(mcsb2="NS-2", nist="AC-4 AC-17 AC-17(1) SC-7 SC-7(3)"),
        fix=Fix(
            *private_endpoint_steps("dataFactory, portal"),
            portal=f"{_PORTAL} Networking › Private endpoint connections › + Private endpoint",
            portal_source=f"{_LEARN}/data-factory-private-link",
            cost=PRIVATE_ENDPOINT_COST,
            effects=PRIVATE_ENDPOINT_EFFECTS,
            variables=[FACTORY, *private_endpoint_variables("dataFactory")],
        ),
    ),
    SettingControl(
        "datafactory-secrets",
        title="Linked services of data factories hold no credentials",
        problem="Linked service of a data factory holds a credential",
        expected="Linked services use a managed identity or refer to a key vault",
        judged="The linked services of each data factory. A linked service fails if one of its properties is a"
        " `SecureString`, an `encryptedCredential` or a text with a key, password or signature. The value of a"
        " parameter without a default value does not count. The finding names the linked services; Surety stores none"
        " of their settings. A factory without linked services is not applicable.",
        why="Credentials outside a key vault are easily forgotten in a rotation, and no log says who read them.",
        severity=Severity.MEDIUM,
        labels={"linkedServices": "Linked services with credentials"},
        empty_reason=_NONE,
        judge=_secrets,
        needs=(DATA_FACTORY_LINKED_SERVICES,),
        references=References(mcsb="IM-8*", nist="IA-5*"),
        fix=Fix(
            advice(
                "Give the factory’s managed identity access to a key vault, add a linked service of the type Azure Key"
                " Vault, and let other linked services refer to its secrets. Where the data store allows it, use the"
                " managed identity instead."
            ),
            portal=f"{_PORTAL} Connections › Linked services",
            portal_source=f"{_LEARN}/store-credentials-in-key-vault",
            effects="Pipelines fail if the managed identity has no access to the key vault.",
            variables=[FACTORY],
        ),
    ),
)
