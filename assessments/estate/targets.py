"""Functions for the field `targets` of collections. Each function returns the scopes at which a collection is
requested. The function finds these scopes in documents of other collections. Pure functions.

A request is omitted only if its answer certainly cannot change a verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from assessments.estate.estate import Estate
from assessments.estate.identity.guests import home_domain
from assessments.estate.identity.provider_operations import namespaces
from assessments.estate.identity.roles import is_custom, permissions_of
from assessments.estate.ids import fold, name_of, parent_of
from assessments.estate.machines.instance_views import OFF, power_state
from assessments.estate.view import Unreadable, View


def _properties(view: View, *path: str) -> object:
    # `raw` records that the property was read, so that exported evidence contains the property.
    return view.raw(".".join(("properties", *path)))


def each(collection: str) -> Callable[[Estate], Iterable[str]]:
    """Return a function that returns the ids of all documents of a collection."""

    def targets(estate: Estate) -> Iterable[str]:
        return [view.id for view in estate.documents(collection) if view.id]

    return targets


def subscriptions_with(resource_type: str) -> Callable[[Estate], Iterable[str]]:
    """Return a function that returns the subscriptions that have a resource of the type. Subscriptions whose list of
    resources is incomplete are included.
    """

    def targets(estate: Estate) -> Iterable[str]:
        return estate.scopes_with("resources", resource_type)

    return targets


def resources_of(resource_type: str) -> Callable[[Estate], Iterable[str]]:
    """Return a function that yields the ids of the resources of a type in the list of resources."""
    wanted = fold(resource_type)

    def targets(estate: Estate) -> Iterable[str]:
        for view in estate.documents("resources"):
            kind = view.raw("type")
            if view.id and isinstance(kind, str) and fold(kind) == wanted:
                yield view.id

    return targets


def open_to_public_networks(collection: str) -> Callable[[Estate], Iterable[str]]:
    """Return a function that yields the ids of the resources of a collection whose `publicNetworkAccess` is not
    Disabled."""

    def targets(estate: Estate) -> Iterable[str]:
        for view in estate.documents(collection):
            if view.id and str(_properties(view, "publicNetworkAccess")).casefold() != "disabled":
                yield view.id

    return targets


def vaults_without_settings(estate: Estate) -> Iterable[str]:
    """Yield the ids of the Recovery Services vaults for which the list of vaults lacks soft delete or immutability
    settings."""
    for view in estate.documents("recovery_vaults"):
        parts = (
            _properties(view, "securitySettings", part)
            for part in ("softDeleteSettings", "immutabilitySettings")
        )
        if view.id and any(part is None for part in parts):
            yield view.id


def vaults_without_items(estate: Estate) -> Iterable[str]:
    """Yield the ids of the Recovery Services vaults that have no backup item. Deleted items do not count. Vaults whose
    items could not be read are skipped, because their verdict is unknown anyway.
    """
    for view in estate.documents("recovery_vaults"):
        answer = estate.answer("backup_items", view.id)
        if view.id and answer is not None and answer.gap is None and all(map(_is_deleted, answer.documents)):
            yield view.id


def _is_deleted(item: View) -> bool:
    """Return whether a backup item is deleted. Azure still lists a deleted item until its soft delete ends."""
    return item.raw("properties.isScheduledForDeferredDelete") is True


def running_machines(estate: Estate) -> Iterable[str]:
    """Yield the ids of the virtual machines that may be running. The agent of a stopped machine reports nothing."""
    states = {fold(view.id): view for view in estate.documents("virtual_machine_statuses")}
    for machine in estate.documents("virtual_machines"):
        if machine.id and not _is_off(states.get(fold(machine.id))):
            yield machine.id


def _is_off(status: View | None) -> bool:
    if status is None:
        return False
    try:
        return power_state(status.object("properties.instanceView")) in OFF
    except Unreadable:
        return False


def accounts_with_anonymous_access(estate: Estate) -> Iterable[str]:
    """Yield the ids of the storage accounts that can have blobs and whose `allowBlobPublicAccess` is not false."""
    for view in estate.documents("storage_accounts"):
        refused = _properties(view, "allowBlobPublicAccess") is False
        if view.id and not refused and _kind(view) != "filestorage":
            yield view.id


def accounts_with_blobs(estate: Estate) -> Iterable[str]:
    """Yield the ids of the storage accounts that can have blobs."""
    for view in estate.documents("storage_accounts"):
        if view.id and _kind(view) != "filestorage":
            yield view.id


def accounts_with_files(estate: Estate) -> Iterable[str]:
    """Yield the ids of the storage accounts that can have file shares."""
    for view in estate.documents("storage_accounts"):
        sku = str(view.raw("sku.name")).casefold()
        pages_only = sku.startswith("premium_") and _kind(view) in {"storage", "storagev2"}
        if view.id and not pages_only and _kind(view) not in {"blobstorage", "blockblobstorage"}:
            yield view.id


def _kind(view: View) -> str:
    kind = view.raw("kind")
    return kind.casefold() if isinstance(kind, str) else ""


MAX_KEYS = 500
"""In each subscription, the rotation policies of at most this many keys are read: each policy needs a request."""


def enabled_keys(estate: Estate) -> Iterable[str]:
    """Return the ids of the first `MAX_KEYS` enabled keys of key vaults."""
    keys = [view.id for view in estate.documents("key_vault_keys") if view.id and is_enabled(view)]
    return keys[:MAX_KEYS]


def is_enabled(item: View) -> bool:
    """Return whether a key or secret of a key vault can be used. It can be used unless `enabled` is false."""
    return _properties(item, "attributes", "enabled") is not False


def vaults_and_hsms(estate: Estate) -> Iterable[str]:
    """Return the ids of the key vaults and managed HSMs."""
    return [*each("key_vaults")(estate), *each("managed_hsms")(estate)]


def databases_without_server_audit(estate: Estate) -> Iterable[str]:
    """Yield the ids of the databases whose server does not audit to a storage account. This includes databases whose
    server audits to Azure Monitor: such auditing also needs a diagnostic setting, which may be missing.
    """
    covered: set[str] = set()
    for answer in estate.answers("sql_server_auditing"):
        for view in answer.documents:
            on = str(_properties(view, "state") or "").casefold() == "enabled"
            if on and _properties(view, "storageEndpoint"):
                covered.add(fold(answer.scope))
    for view in estate.documents("sql_databases"):
        if view.name.casefold() != "master" and fold(parent_of(view.id)) not in covered:
            yield view.id


def servers_without_alert_policy(estate: Estate) -> Iterable[str]:
    """Yield the ids of the SQL servers whose `securityAlertPolicies/Default` does not exist (404) or is not offered
    (405).
    """
    for answer in estate.answers("sql_alert_policies"):
        if answer.gap is not None and answer.gap.status in {404, 405}:
            yield answer.scope


def monitor_audited(estate: Estate) -> Iterable[str]:
    """Yield the ids of the databases whose diagnostic settings matter for auditing to Azure Monitor:

    - `{server}/databases/master`, if the server audits to Azure Monitor
    - each database whose own auditing policy audits to Azure Monitor
    """
    for answer in estate.answers("sql_server_auditing"):
        if any(_properties(view, "isAzureMonitorTargetEnabled") for view in answer.documents):
            yield f"{answer.scope}/databases/master"
    for answer in estate.answers("sql_database_auditing"):
        if any(_properties(view, "isAzureMonitorTargetEnabled") for view in answer.documents):
            yield answer.scope


def _settings(estate: Estate, *names: str) -> Iterator[View]:
    for name in names:
        yield from estate.documents(name)


def log_workspaces(estate: Estate) -> Iterable[str]:
    """Return the ids of the Log Analytics workspaces in the diagnostic settings of activity logs and SQL auditing, each
    once."""
    found: dict[str, str] = {}
    for view in _settings(estate, "activity_log_settings", "sql_audit_settings"):
        identifier = _properties(view, "workspaceId")
        if isinstance(identifier, str) and identifier.startswith("/"):
            found.setdefault(fold(identifier), identifier.rstrip("/"))
    return [found[key] for key in sorted(found)]


def log_account_ids(estate: Estate) -> Iterable[str]:
    """Return the ids of the storage accounts in diagnostic settings (activity log, SQL auditing) and in flow logs, each
    once."""
    found: dict[str, str] = {}
    for identifier in (
        *_named_accounts(estate, "activity_log_settings"),
        *_named_accounts(estate, "sql_audit_settings"),
        *_named_accounts(estate, "flow_logs", "storageId"),
    ):
        found.setdefault(fold(identifier), identifier)
    return [found[key] for key in sorted(found)]


def _named_accounts(estate: Estate, collection: str, key: str = "storageAccountId") -> Iterator[str]:
    for view in estate.documents(collection):
        identifier = _properties(view, key)
        if isinstance(identifier, str) and identifier.startswith("/"):
            yield identifier.rstrip("/")


def foreign_log_accounts(estate: Estate) -> Iterable[str]:
    """Return the ids of storage accounts to which logs are sent, but which are not in the unit's list of storage
    accounts."""
    own = {fold(view.id) for view in estate.documents("storage_accounts")}
    return [identifier for identifier in log_account_ids(estate) if fold(identifier) not in own]


def log_accounts(estate: Estate) -> Iterable[str]:
    """Return the ids of all storage accounts to which logs are sent. Auditing policies of SQL name only the blob
    endpoint of an account, so the account is looked up in the unit's list of storage accounts.
    """
    found = {fold(identifier): identifier for identifier in log_account_ids(estate)}
    hosts = set()
    for name in ("sql_server_auditing", "sql_database_auditing"):
        for view in estate.documents(name):
            endpoint = _properties(view, "storageEndpoint")
            if isinstance(endpoint, str) and endpoint:
                hosts.add(endpoint.split("://", 1)[-1].split(".", 1)[0].casefold())
    for view in estate.documents("storage_accounts"):
        if name_of(view.id).casefold() in hosts:
            found.setdefault(fold(view.id), view.id)
    return [found[key] for key in sorted(found)]


def foreign_action_groups(estate: Estate) -> Iterable[str]:
    """Return the ids of the action groups to which alert rules or alert processing rules refer, but which are missing
    from the unit's own list of action groups.
    """
    own = {fold(view.id) for view in estate.documents("action_groups")}
    found: dict[str, str] = {}
    for identifier in (*_groups_of_alerts(estate), *_groups_of_processing_rules(estate)):
        if isinstance(identifier, str) and identifier and fold(identifier) not in own:
            found.setdefault(fold(identifier), identifier.rstrip("/"))
    return [found[key] for key in sorted(found)]


def _groups_of_alerts(estate: Estate) -> Iterator[object]:
    for view in _settings(estate, "activity_log_alerts", "alerts_elsewhere"):
        groups = _properties(view, "actions", "actionGroups")
        for group in groups if isinstance(groups, list) else []:
            yield group.get("actionGroupId") if isinstance(group, dict) else None


def _groups_of_processing_rules(estate: Estate) -> Iterator[object]:
    for view in estate.documents("alert_processing_rules"):
        actions = _properties(view, "actions")
        for action in actions if isinstance(actions, list) else []:
            groups = action.get("actionGroupIds") if isinstance(action, dict) else None
            yield from groups if isinstance(groups, list) else []


def home_domains(estate: Estate) -> Iterable[str]:
    """Return the home domains of the enabled guests that are not capable of MFA in this directory.

    The domains are needed only if a cross-tenant access setting for a partner says whether MFA in the partner's
    directory is trusted. If there is no such setting, return an empty list.
    """
    partners = estate.documents("cross_tenant_partners")
    if not any(isinstance(view.raw("inboundTrust.isMfaAccepted"), bool) for view in partners):
        return []
    registrations = estate.documents("mfa_registrations")
    capable = {fold(view.id) for view in registrations if view.raw("isMfaCapable") is True}
    found = set()
    for view in estate.documents("users"):
        name = view.raw("userPrincipalName")
        if isinstance(name, str) and view.raw("accountEnabled") is not False and fold(view.id) not in capable:
            found.add(home_domain(name))
    return sorted(found - {""})


def custom_role_namespaces(estate: Estate) -> Iterable[str]:
    """Return the sorted resource providers that custom roles name in their actions."""
    found: set[str] = set()
    for view in estate.documents("role_definitions"):
        try:
            if is_custom(view):
                found.update(namespaces(permissions_of(view)))
        except Unreadable:
            # Controls do not compare an unreadable role with built-in roles, so the resource providers in its actions
            # are not needed.
            continue
    return sorted(found)


def role_groups(estate: Estate) -> Iterable[str]:
    """Return the object ids of the groups that have an active or eligible role in Azure or in the directory."""
    found = set()
    for name in ("role_assignments", "role_eligibilities"):
        for view in estate.documents(name):
            if str(_properties(view, "principalType") or "").casefold() == "group":
                principal = _properties(view, "principalId")
                if isinstance(principal, str) and principal:
                    found.add(principal.casefold())
    for name in ("directory_role_assignments", "directory_role_eligibilities"):
        for view in estate.documents(name):
            kind = view.raw("principal.@odata.type")
            identifier = view.raw("principalId")
            if kind == "#microsoft.graph.group" and isinstance(identifier, str) and identifier:
                found.add(identifier.casefold())
    return sorted(found)


def excluded_groups(estate: Estate) -> Iterable[str]:
    """Return the object ids, in lower case, of groups that enabled Conditional Access policies exclude."""
    found = set()
    for view in estate.documents("conditional_access_policies"):
        groups = view.raw("conditions.users.excludeGroups")
        if str(view.raw("state")).casefold() == "enabled" and isinstance(groups, list):
            found |= {
                group.strip().casefold() for group in groups if isinstance(group, str) and group.strip()
            }
    return sorted(found)


def groups_without_members(estate: Estate) -> Iterable[str]:
    """Return the object ids of the groups that have a role and for which Graph returned no member. Such a group is
    empty, or its members are hidden.
    """
    return _without_documents(estate, "group_members")


def excluded_groups_without_members(estate: Estate) -> Iterable[str]:
    """Return the object ids of the groups that a Conditional Access policy excludes and for which Graph returned no
    member. Such a group is empty, or its members are hidden.
    """
    return _without_documents(estate, "excluded_group_members")


def _without_documents(estate: Estate, name: str) -> list[str]:
    answers = estate.answers(name)
    return [answer.scope for answer in answers if answer.gap is None and not answer.documents]


def federated_domains(estate: Estate) -> Iterable[str]:
    """Yield the federated domains of the directory. The users of a federated domain sign in at another identity
    provider.
    """
    for view in estate.documents("domains"):
        if str(view.raw("authenticationType")).casefold() == "federated":
            yield view.id


def assessed_subscriptions(estate: Estate) -> Iterable[str]:
    """Yield the subscriptions for which Defender for Cloud's own assessments (Microsoft.Security) could be read. In
    other subscriptions, an empty list of Defender's findings does not mean that Defender found nothing.
    """
    for answer in estate.answers("security_assessments"):
        if answer.gap is None:
            yield answer.scope
