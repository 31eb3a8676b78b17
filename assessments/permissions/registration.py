"""Build the commands that create a service principal for Surety, grant the needed permissions, and print the secret.

Pure functions.
"""

from __future__ import annotations

from dataclasses import dataclass

from assessments.estate.collection import Source
from assessments.estate.collections import ALL
from assessments.fixes.declare import PLACEHOLDER, Cli, Fix, command
from assessments.fixes.render import RenderedFix, render
from assessments.fixes.variables import EXAMPLE_GUID, Variable
from assessments.permissions.grants import APP_ROLES, GRAPH, add_and_consent
from tenants.cloud_table import CLOUDS, Cloud
from tenants.values.command_values import checked_guid

DISPLAY_NAME = "surety-reader"
MANAGEMENT_GROUP = "management_group"
SUBSCRIPTIONS = "subscriptions"
SECRET = "secret"  # noqa: S105 - a kind of credential
CERTIFICATE = "certificate"
MANAGED_IDENTITY = "managed_identity"
_DIRECTORY = Variable("directory_id", "ID of the customer's directory (tenant ID)", EXAMPLE_GUID)
_ISSUER = Variable(
    "issuer", "Issuer of the host's token (claim iss); ask the operator", "https://oidc.example.com/cluster"
)
_SUBJECT = Variable(
    "subject",
    "Subject of the host's token (claim sub); ask the operator",
    "system:serviceaccount:surety:worker",
)
_SECRET_STEP = command(
    'az ad app credential reset --id "${APP_ID:?}" --years 1',
    "Create a secret. Azure shows it only once.",
)
# https://learn.microsoft.com/cli/azure/ad/app/credential: `--cert` takes the text of a certificate, or @file.
_CERTIFICATE_STEP = command(
    f"openssl req -x509 -newkey rsa:3072 -nodes -days 365 -subj /CN={DISPLAY_NAME}"
    f" -keyout {DISPLAY_NAME}.key -out {DISPLAY_NAME}.crt\n"
    f'az ad app credential reset --id "${{APP_ID:?}}" --cert @{DISPLAY_NAME}.crt\n'
    f"cat {DISPLAY_NAME}.key {DISPLAY_NAME}.crt > {DISPLAY_NAME}.pem\n"
    'echo "Client ID: ${APP_ID:?}"',
    f"Create a certificate with its private key, and register its public part. Upload {DISPLAY_NAME}.pem in the next"
    " step, then delete the three files.",
)
# The command printf replaces each %s by an id, in this order: the ids of the principal, of Microsoft Graph, and of the
# permission.
_BODY = '{"principalId": "%s", "resourceId": "%s", "appRoleId": "%s"}'
_ASSIGN = (
    'az role assignment create --role Reader --assignee-object-id "${OBJECT_ID:?}"'
    " --assignee-principal-type ServicePrincipal"
)


@dataclass(frozen=True, slots=True)
class KnownIdentity:
    """A host identity: an identity of the machine on which Surety runs. The operator allows its use as a credential.
    `kind` is “federated” or MANAGED_IDENTITY.

    `audience`, `issuer` and `subject` are claims in the token of a federated identity. `issuer` and `subject` are empty
    if unknown.
    """

    kind: str
    client_id: str
    audience: str = ""
    issuer: str = ""
    subject: str = ""


def graph_permissions() -> list[str]:
    """Return the sorted Graph permissions that the collections need. If permissions are alternatives, only the
    permission that grants least is returned.
    """
    return sorted({c.permissions[0] for c in ALL.values() if c.source is Source.GRAPH})


def registration(
    cloud: str = "AzureCloud",
    *,
    directory_id: str = "",
    reach: str = "",
    kind: str = SECRET,
    identity: KnownIdentity | None = None,
) -> RenderedFix:
    """Return the steps that register Surety in a directory of a cloud, for one Bash session.

    - `directory_id`: the GUID of the directory; if empty, a person enters the GUID
    - `reach`: where Reader is assigned: MANAGEMENT_GROUP, SUBSCRIPTIONS, or empty for the person's choice
    - `kind`: SECRET or CERTIFICATE; if `identity` is given, neither a secret nor a certificate is created

    For a custom cloud, the commands are the same as for Azure's global cloud. The Azure CLI must be set to the custom
    cloud first.
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
    # --all includes subscriptions with an unpaid bill, which are still in use. By default, the Azure CLI leaves them
    # out.
    on_subscriptions = command(
        "for SUBSCRIPTION in $(az account list --all --query"
        f" \"[?homeTenantId=='{home}' && (state=='Enabled' || state=='PastDue')].id\" --output tsv); do\n"
        f'  {_ASSIGN} --scope "/subscriptions/$SUBSCRIPTION"\n'
        "done",
        "Assign the role Reader on each subscription that your account can see. Repeat this step for future"
        " subscriptions."
        if reach
        else "Alternatively, assign the role on each subscription that your account can see.",
    )
    steps = [
        _principal(identity, f"{change_cloud}az login --tenant {directory}\n"),
        *([on_group] if reach != SUBSCRIPTIONS else []),
        *([on_subscriptions] if reach != MANAGEMENT_GROUP else []),
        *(
            [_app_roles(found)]
            if identity is not None and identity.kind == MANAGED_IDENTITY
            else [
                command(
                    "\n".join(add_and_consent('"${APP_ID:?}"', roles, cloud)),
                    f"Add and consent to the permissions in Microsoft Graph: {', '.join(graph_permissions())}."
                    " Only an administrator of the directory can consent. If the consent fails, wait a minute,"
                    " then repeat the command.",
                )
            ]
        ),
        *_credential(kind, identity),
    ]
    is_managed = identity is not None and identity.kind == MANAGED_IDENTITY
    return render(
        Fix(
            *steps,
            portal="Entra admin center › Entra ID › "
            + ("Enterprise apps › Managed identities" if is_managed else "App registrations"),
            variables=[*([] if directory_id else [_DIRECTORY]), _ISSUER, _SUBJECT],
        ),
        None,
    )


def _principal(identity: KnownIdentity | None, login: str) -> Cli:
    """Return the step that creates the service principal. If `identity` is given, its service principal exists already,
    so return the step that finds it.
    """
    if identity is None:
        return command(
            f"{login}"
            f'APP_ID="$(az ad app create --display-name {DISPLAY_NAME} --query appId --output tsv)"\n'
            'OBJECT_ID="$(az ad sp create --id "${APP_ID:?}" --query id --output tsv)"',
            "Create the application and its service principal.",
        )
    what = "managed identity" if identity.kind == MANAGED_IDENTITY else "application"
    return command(
        f"{login}"
        f"APP_ID={checked_guid(identity.client_id)}\n"
        'OBJECT_ID="$(az ad sp show --id "${APP_ID:?}" --query id --output tsv)"',
        f"Sign in, and find the service principal of the {what} that the operator allows for this directory.",
    )


def _app_roles(cloud: Cloud) -> Cli:
    """Return the step that grants Graph permissions to a managed identity itself. A managed identity has no application
    to which the permissions could be added.

    https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/grant-managed-identity-permissions
    """
    ids = " ".join(APP_ROLES[permission] for permission in graph_permissions())
    return command(
        f'GRAPH_ID="$(az ad sp show --id {GRAPH} --query id --output tsv)"\n'
        f"for ROLE in {ids}; do\n"
        f'  az rest --method POST --uri "{cloud.graph}/v1.0/servicePrincipals/${{OBJECT_ID:?}}/appRoleAssignments"'
        " --headers Content-Type=application/json --body \"$(printf '"
        + _BODY
        + '\' "${OBJECT_ID:?}" "${GRAPH_ID:?}"'
        ' "$ROLE")"\n'
        "done",
        f"Grant the permissions in Microsoft Graph: {', '.join(graph_permissions())}. Only a Privileged Role"
        " Administrator or Global Administrator can do this. If a permission is already granted, its"
        " request fails as a duplicate: ignore this error.",
    )


def _credential(kind: str, identity: KnownIdentity | None) -> list[Cli]:
    if identity is None:
        return [_CERTIFICATE_STEP if kind == CERTIFICATE else _SECRET_STEP]
    if identity.kind == MANAGED_IDENTITY:
        return []
    body = {
        "name": DISPLAY_NAME,
        "issuer": _known(identity.issuer, _ISSUER),
        "subject": _known(identity.subject, _SUBJECT),
        "audiences": [identity.audience],
    }
    return [
        command(
            'az ad app federated-credential create --id "${APP_ID:?}" --parameters {trust}',
            "Let the application trust the token of the host on which the workers of Surety run.",
            bodies={"trust": body},
        )
    ]


def _known(value: str, variable: Variable) -> str:
    """Return the value or, if the value is unknown or contains a placeholder, the placeholder of the variable."""
    return f"{{{variable.name}}}" if not value or PLACEHOLDER.search(value) else value
