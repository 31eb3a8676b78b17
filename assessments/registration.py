"""The commands that create a service principal for Surety, grant the needed permissions, and print the secret.

Pure functions.
"""

from __future__ import annotations

from assessments.estate.collection import Source
from assessments.estate.collections import ALL
from assessments.fixes.declare import Fix, command
from assessments.fixes.render import RenderedFix, render
from assessments.fixes.variables import EXAMPLE_GUID, Variable
from assessments.grants import APP_ROLES, add_and_consent
from tenants.cloud_table import CLOUDS

DISPLAY_NAME = "surety-reader"
_ASSIGN = (
    'az role assignment create --role Reader --assignee-object-id "${OBJECT_ID:?}"'
    " --assignee-principal-type ServicePrincipal"
)


def graph_permissions() -> list[str]:
    """Return the Graph permissions that the collections need; of alternatives, the permission that grants the least."""
    return sorted({c.permissions[0] for c in ALL.values() if c.source is Source.GRAPH})


def registration(cloud: str = "AzureCloud") -> RenderedFix:
    """Return the steps for a cloud.

    All steps run in one Bash session, because later steps use variables that earlier steps set.
    """
    roles = [f"{APP_ROLES[permission]}=Role" for permission in graph_permissions()]
    found = CLOUDS[cloud]
    change_cloud = "" if found.is_default else f"az cloud set --name {found.cli}\n"
    steps = [
        command(
            f"{change_cloud}az login --tenant {{directory_id}}\n"
            f'APP_ID="$(az ad app create --display-name {DISPLAY_NAME} --query appId --output tsv)"\n'
            'OBJECT_ID="$(az ad sp create --id "${APP_ID:?}" --query id --output tsv)"',
            "Create the application and its service principal.",
        ),
        command(
            f"{_ASSIGN} --scope /providers/Microsoft.Management/managementGroups/{{directory_id}}",
            "Assign the role Reader on the root management group, which covers every subscription,"
            " including future ones. Your account needs a role that assigns roles there.",
        ),
        command(
            "for SUBSCRIPTION in $(az account list --query"
            " \"[?homeTenantId=='$DIRECTORY_ID' && state=='Enabled'].id\" --output tsv); do\n"
            f'  {_ASSIGN} --scope "/subscriptions/$SUBSCRIPTION"\n'
            "done",
            "Alternatively, assign the role on each subscription that your account can see.",
        ),
        command(
            "\n".join(add_and_consent('"${APP_ID:?}"', roles, cloud)),
            f"Add and consent to the permissions in Microsoft Graph: {', '.join(graph_permissions())}."
            " Only an administrator of the directory can consent. If the consent fails, wait a minute,"
            " then repeat the command.",
        ),
        command(
            'az ad app credential reset --id "${APP_ID:?}" --years 1',
            "Create a secret. Azure shows it only once.",
        ),
    ]
    directory = Variable("directory_id", "Id of the customer's directory (tenant ID)", EXAMPLE_GUID)
    return render(
        Fix(*steps, portal="Entra admin center › Entra ID › App registrations", variables=[directory]), None
    )
