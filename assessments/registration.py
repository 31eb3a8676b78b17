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
from tenants.command_values import checked_guid

DISPLAY_NAME = "surety-reader"
MANAGEMENT_GROUP = "management_group"
SUBSCRIPTIONS = "subscriptions"
SECRET = "secret"  # noqa: S105 - a kind of credential
CERTIFICATE = "certificate"
_DIRECTORY = Variable("directory_id", "ID of the customer's directory (tenant ID)", EXAMPLE_GUID)
_SECRET_STEP = command(
    'az ad app credential reset --id "${APP_ID:?}" --years 1',
    "Create a secret. Azure shows it only once.",
)
# https://learn.microsoft.com/cli/azure/ad/app/credential: `--cert` takes the text of a certificate, or @file.
_CERTIFICATE_STEP = command(
    f"openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj /CN={DISPLAY_NAME}"
    f" -keyout {DISPLAY_NAME}.key -out {DISPLAY_NAME}.crt\n"
    f'az ad app credential reset --id "${{APP_ID:?}}" --cert @{DISPLAY_NAME}.crt\n'
    f"cat {DISPLAY_NAME}.key {DISPLAY_NAME}.crt > {DISPLAY_NAME}.pem\n"
    'echo "Client ID: ${APP_ID:?}"',
    f"Create a certificate with its private key, and register its public part. Upload {DISPLAY_NAME}.pem in the next"
    " step, then delete the three files.",
)
_ASSIGN = (
    'az role assignment create --role Reader --assignee-object-id "${OBJECT_ID:?}"'
    " --assignee-principal-type ServicePrincipal"
)


def graph_permissions() -> list[str]:
    """Return the Graph permissions that the collections need; of alternatives, the permission that grants the least."""
    return sorted({c.permissions[0] for c in ALL.values() if c.source is Source.GRAPH})


def registration(
    cloud: str = "AzureCloud", *, directory_id: str = "", reach: str = "", kind: str = SECRET
) -> RenderedFix:
    """Return the steps for a cloud.

    All steps run in one Bash session, because later steps use variables that earlier steps set. `directory_id` is
    filled in if it is known. `reach` is where Reader is assigned: MANAGEMENT_GROUP, SUBSCRIPTIONS, or empty for both
    alternatives. `kind` is the credential: SECRET or CERTIFICATE. A custom cloud gets the commands of Azure's global
    cloud, for an Azure CLI that is set to the custom cloud.
    """
    roles = [f"{APP_ROLES[permission]}=Role" for permission in graph_permissions()]
    found = CLOUDS.get(cloud, CLOUDS["AzureCloud"])
    change_cloud = "" if found.is_default else f"az cloud set --name {found.cli}\n"
    directory = checked_guid(directory_id) if directory_id else "{directory_id}"
    home = directory_id or "$DIRECTORY_ID"
    on_group = command(
        f"{_ASSIGN} --scope /providers/Microsoft.Management/managementGroups/{directory}",
        "Assign the role Reader on the root management group, which covers every subscription,"
        " including future ones. Your account needs a role that assigns roles there.",
    )
    on_subscriptions = command(
        "for SUBSCRIPTION in $(az account list --query"
        f" \"[?homeTenantId=='{home}' && state=='Enabled'].id\" --output tsv); do\n"
        f'  {_ASSIGN} --scope "/subscriptions/$SUBSCRIPTION"\n'
        "done",
        "Assign the role Reader on each subscription that your account can see. Repeat this step for future"
        " subscriptions."
        if reach
        else "Alternatively, assign the role on each subscription that your account can see.",
    )
    steps = [
        command(
            f"{change_cloud}az login --tenant {directory}\n"
            f'APP_ID="$(az ad app create --display-name {DISPLAY_NAME} --query appId --output tsv)"\n'
            'OBJECT_ID="$(az ad sp create --id "${APP_ID:?}" --query id --output tsv)"',
            "Create the application and its service principal.",
        ),
        *([on_group] if reach != SUBSCRIPTIONS else []),
        *([on_subscriptions] if reach != MANAGEMENT_GROUP else []),
        command(
            "\n".join(add_and_consent('"${APP_ID:?}"', roles, cloud)),
            f"Add and consent to the permissions in Microsoft Graph: {', '.join(graph_permissions())}."
            " Only an administrator of the directory can consent. If the consent fails, wait a minute,"
            " then repeat the command.",
        ),
        _CERTIFICATE_STEP if kind == CERTIFICATE else _SECRET_STEP,
    ]
    variables = [] if directory_id else [_DIRECTORY]
    return render(
        Fix(*steps, portal="Entra admin center › Entra ID › App registrations", variables=variables), None
    )
