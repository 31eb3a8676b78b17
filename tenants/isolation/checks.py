"""Check that row-level security protects every model, in the code and in the database.

`manage.py check` checks the models. `manage.py check --database default` checks PostgreSQL's catalogue and the role
with which the application connects.
"""

import pkgutil
import sys
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import ForeignKey, Model

from tenants.protection import Protection
from tenants.references import CompositeReference
from tenants.rls import RowLevelSecurity

FIRST_PARTY = frozenset({"tenants", "assessments", "portal"})

# {table without row-level security: the reason why it exposes no tenant's data}
PLAIN: dict[str, str] = {
    "tenants.Person": "read at sign-in, before any scope is open; holds accounts, no data of a tenant",
    "tenants.OrganizationKey": "holds only ids, so that schedulers and commands can find all journals",
    "accounts.Session": "read before the person is known; keys are hashes, data is sealed",
    "accounts.AccountMail": "written before the person is known, sent by workers for all tenants; content is sealed",
    "accounts.AddressPermit": "read when a mailed link is opened, before any scope is open; holds ids and dates",
    "accounts.UnconfirmedChange": "written when a mailed link is opened or at sign-in, before any scope is open; holds"
    " addresses and identities of accounts",
    "accounts.IdentityPermit": "read at sign-in, before any scope is open; holds ids and dates of accounts",
    "accounts.EmergencyAccess": "read at sign-in, before any scope is open; tokens are hashes",
    "accounts.SetupLink": "read before the first organization exists; tokens are hashes",
    "tenants.FailedSignIns": "counts failures of accounts before anybody is signed in; no data of a tenant",
    "tenants.TenantKey": "holds only ids, so that schedulers can find all tenants and open their scopes",
    "reports.KnownCertificate": "read by the public page that verifies reports; holds certificates only",
    "reports.RegisterEntry": "read by the public page that verifies reports; holds ids and reasons without customers",
    "reports.RenewedFile": "read by the public page that verifies reports; holds ids and hashes only",
    "reports.SignedReport": "read by the public page that verifies reports; holds ids and hashes only",
}

# {foreign key from a row of a customer to a row of an organization: trigger that checks that the customer belongs to
# this organization}. The customer's row has no column for the organization, so a composite foreign key cannot check
# this.
KEPT_BY_TRIGGER: dict[str, str] = {"reports.Report.branding": "reports_report_branding"}


class ThirdPartyTable(NamedTuple):
    """A reviewed table of another package: its level of protection, and why a copy of the table reveals no secret."""

    protection: Protection
    reason: str


# {table of another package: its review}. If an upgrade adds a table that is not listed here, `manage.py check` reports
# the table, because it could contain readable secrets.
THIRD_PARTY: dict[str, ThirdPartyTable] = {
    "account.EmailAddress": ThirdPartyTable(
        Protection.PERSONAL, "addresses and whether they are verified; no secret"
    ),
    "account.EmailConfirmation": ThirdPartyTable(
        Protection.SECRET, "unused: links in mails are signed (HMAC) and not stored"
    ),
    "mfa.Authenticator": ThirdPartyTable(
        Protection.SECRET,
        "keys of authenticator apps and seeds of recovery codes are sealed when a row is saved"
        " (portal.accounts.second_factors); security keys are public keys",
    ),
    "socialaccount.SocialApp": ThirdPartyTable(
        Protection.SECRET, "unused: identity providers come from the environment"
    ),
    "socialaccount.SocialAccount": ThirdPartyTable(
        Protection.PERSONAL, "issuer, subject and names of linked identities; no secret"
    ),
    "socialaccount.SocialToken": ThirdPartyTable(
        Protection.SECRET, "unused: SOCIALACCOUNT_STORE_TOKENS is off"
    ),
    "auth.Permission": ThirdPartyTable(
        Protection.PUBLIC, "The model permissions of Django, which are not secret"
    ),
    "auth.Group": ThirdPartyTable(Protection.PUBLIC, "unused: rights come from memberships"),
    "auth.Group_permissions": ThirdPartyTable(Protection.PUBLIC, "unused: rights come from memberships"),
    "contenttypes.ContentType": ThirdPartyTable(Protection.PUBLIC, "names of models; no secret"),
}


def append_only_tables() -> list[str]:
    """Return the append-only tables (journals and timelines), as their models declare them."""
    return sorted(m._meta.db_table for m in first_party_models() if getattr(m, "append_only", False))


def first_party_models() -> Iterator[type[Model]]:
    """Yield every concrete, managed model of Surety's own apps, including automatic join tables."""
    for model in apps.get_models(include_auto_created=True):
        package = model.__module__.partition(".")[0]
        if package in FIRST_PARTY and model._meta.managed and not model._meta.proxy:
            yield model


def third_party_models() -> Iterator[type[Model]]:
    """Yield every concrete, managed model of other packages, including automatic join tables."""
    for model in apps.get_models(include_auto_created=True):
        package = model.__module__.partition(".")[0]
        if package not in FIRST_PARTY and model._meta.managed and not model._meta.proxy:
            yield model


def is_protected(model: type[Model]) -> bool:
    """Return whether the model declares row-level security."""
    return any(isinstance(constraint, RowLevelSecurity) for constraint in model._meta.constraints)


@register(Tags.security)
def models_are_protected(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Return tenants.E001 for a model without row-level security. Return E002 and E003 for wrong entries of PLAIN."""
    models = {model._meta.label: model for model in first_party_models()}
    problems: list[CheckMessage] = []
    for label, model in models.items():
        if label in PLAIN and is_protected(model):
            problems.append(
                Error(
                    f"{label} has row-level security, but tenants.isolation.checks.PLAIN says that it has none.",
                    hint="Remove it from tenants.isolation.checks.PLAIN.",
                    obj=model,
                    id="tenants.E002",
                )
            )
        elif label not in PLAIN and not is_protected(model):
            problems.append(
                Error(
                    f"{label} has no row-level security, so every tenant could read it.",
                    hint="Derive the model from tenants.models.TenantOwned. Or list it in"
                    " tenants.isolation.checks.PLAIN, with the reason why it exposes no tenant's data.",
                    obj=model,
                    id="tenants.E001",
                )
            )
    # Skip entries of apps that are not installed.
    missing = [label for label in PLAIN if label not in models and apps.is_installed(label.partition(".")[0])]
    problems.extend(
        Error(
            f"PLAIN lists {label}, which does not exist.",
            hint="Remove this model from tenants.isolation.checks.PLAIN.",
            id="tenants.E003",
        )
        for label in missing
    )
    return problems


@register(Tags.security)
def third_party_tables_are_known(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Return tenants.E005 for a table of another package that THIRD_PARTY does not list, and E006 for a table in
    THIRD_PARTY that does not exist.
    """
    models = {model._meta.label: model for model in third_party_models()}
    problems: list[CheckMessage] = [
        Error(
            f"The table {label} belongs to another package, and nobody has recorded a review of it. So it may contain"
            " secrets in readable form.",
            hint="Read the fields of the table, and seal or hash the secret fields. Then list the table in"
            " tenants.isolation.checks.THIRD_PARTY with its level of protection and what protects it.",
            obj=model,
            id="tenants.E005",
        )
        for label, model in models.items()
        if label not in THIRD_PARTY
    ]
    problems.extend(
        Error(
            f"THIRD_PARTY lists {label}, which does not exist.",
            hint="Remove this model from tenants.isolation.checks.THIRD_PARTY.",
            id="tenants.E006",
        )
        for label in THIRD_PARTY
        if label not in models and label.partition(".")[0] in apps.app_configs
    )
    return problems


@register(Tags.models)
def modules_of_models_are_imported(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Return tenants.E007 for each module of a package `models` that nothing imports. Django ignores the models in
    such a module.
    """
    modules = [
        module.name
        for config in apps.get_app_configs()
        if config.name.partition(".")[0] in FIRST_PARTY and config.models_module is not None
        for module in pkgutil.iter_modules(
            getattr(config.models_module, "__path__", ()), f"{config.models_module.__name__}."
        )
    ]
    return [
        Error(
            f"{name} is not imported, so its models have no table and no migration.",
            hint=f"Import the models of the module in {name.rpartition('.')[0]}, and list them in __all__.",
            id="tenants.E007",
        )
        for name in modules
        if name not in sys.modules
    ]


@register(Tags.security)
def models_have_a_level(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Return tenants.E009 for each model without a level of protection."""
    return [
        Error(
            f"{model._meta.label} has no level of protection.",
            hint="Set protection = Protection.… (tenants.protection) in the model. docs/data-protection.md explains"
            " the levels. Then run make docs.",
            obj=model,
            id="tenants.E009",
        )
        for model in first_party_models()
        if not isinstance(getattr(model, "protection", None), Protection)
    ]


def foreign_keys_between_tenant_rows() -> Iterator[ForeignKey[Any, Any]]:
    """Yield every foreign key to a tenant-owned model, including one-to-one fields and join tables."""
    for model in first_party_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, ForeignKey) and is_tenant_owned(field.related_model):
                yield field


def is_tenant_owned(model: type[Model]) -> bool:
    """Return whether the model is tenant-owned, which means that its column `tenant` is a foreign key to `Tenant`."""
    owner = next((field for field in model._meta.concrete_fields if field.name == "tenant"), None)
    return isinstance(owner, ForeignKey) and owner.related_model._meta.label == "tenants.Tenant"


def foreign_keys_to_rows_of_organizations() -> Iterator[ForeignKey[Any, Any]]:
    """Yield every foreign key to a model that belongs to an organization and to no tenant."""
    for model in first_party_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, ForeignKey) and is_organization_owned(field.related_model):
                yield field


def is_organization_owned(model: type[Model]) -> bool:
    """Return whether the model belongs to organizations: `organization` is a foreign key to `Organization`, and the
    model is neither `Tenant` nor tenant-owned.
    """
    owner = next((field for field in model._meta.concrete_fields if field.name == "organization"), None)
    return (
        isinstance(owner, ForeignKey)
        and owner.related_model._meta.label == "tenants.Organization"
        and model._meta.label != "tenants.Tenant"
        and not is_tenant_owned(model)
    )


def keeps_owner(field: ForeignKey[Any, Any], owner: str) -> bool:
    """Return whether a composite foreign key ensures that a row and the row to which `field` refers belong to the same
    tenant (`owner="tenant"`) or to the same organization (`owner="organization"`).
    """
    target = field.related_model._meta
    columns = {(f"{owner}_id", f"{owner}_id"), (field.column, target.pk.column)}
    return any(
        isinstance(constraint, CompositeReference)
        and constraint.table == target.db_table
        and set(zip(constraint.columns, constraint.targets, strict=True)) == columns
        for constraint in field.model._meta.constraints
    )


@register(Tags.security)
def foreign_keys_stay_in_the_tenant(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Return tenants.E004 for each foreign key that refers to a tenant-owned model and has no composite reference."""
    return [
        Error(
            f"{field} can refer to a row of another tenant.",
            hint=f'Add same_tenant("{field.column}", "{field.related_model._meta.db_table}") from tenants.references'
            " to the constraints of the model, and make a migration. The model needs a tenant column. A"
            " many-to-many field needs a `through` model that is derived from TenantOwned.",
            obj=field,
            id="tenants.E004",
        )
        for field in foreign_keys_between_tenant_rows()
        if not keeps_owner(field, "tenant")
    ]


@register(Tags.security)
def foreign_keys_stay_in_the_organization(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Return tenants.E008 for each foreign key that refers to a row of an organization and has no composite
    reference.
    """
    return [
        Error(
            f"{field} can refer to a row of another organization.",
            hint=f'Add a CompositeReference from ("organization_id", "{field.column}") to ("organization_id", "id")'
            f" of {field.related_model._meta.db_table} to the constraints of the model. Then make a migration.",
            obj=field,
            id="tenants.E008",
        )
        for field in foreign_keys_to_rows_of_organizations()
        if str(field) not in KEPT_BY_TRIGGER and not keeps_owner(field, "organization")
    ]


@register(Tags.database)
def database_is_protected(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Return errors if the database does not protect the rows of tenants.

    tenants.E010 is for tables without forced policies, and E011 for a role to which policies do not apply. E012 is for
    a role that may TRUNCATE append-only tables. E013 is for a role that may UPDATE or DELETE rows of append-only
    tables. Only the application's connection (`default`) is checked, and only existing tables.
    """
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    protected_tables = {m._meta.db_table: m._meta.label for m in first_party_models() if is_protected(m)}
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AND EXISTS"
            " (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid),"
            " pg_has_role(current_user, c.relowner, 'USAGE'),"
            " has_table_privilege(current_user, c.oid, 'TRUNCATE'),"
            " has_table_privilege(current_user, c.oid, 'UPDATE, DELETE')"
            " FROM pg_class c WHERE c.relkind IN ('r', 'p') AND pg_table_is_visible(c.oid)"
            " AND c.relname = ANY(%s)",
            [list(protected_tables)],
        )
        tables = cursor.fetchall()
        cursor.execute("SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        role, bypasses = cursor.fetchone()
    problems: list[CheckMessage] = [
        Error(
            f"The table {table} ({protected_tables[table]}) has no forced row-level security in the database.",
            hint="Run manage.py migrate. If this error appears again, somebody has changed the table by hand. Then"
            " restore the policy of the table.",
            id="tenants.E010",
        )
        for table, protected, _, _, _ in tables
        if not protected
    ]
    owned = sorted(table for table, _, owner, _, _ in tables if owner)
    if tables and (bypasses or owned):
        why = "bypasses row-level security" if bypasses else f"owns {', '.join(owned[:3])}"
        problems.append(
            Error(
                f"The application connects to the database as {role}, which {why}.",
                hint="Connect as a role that owns no tables and has neither SUPERUSER nor BYPASSRLS.",
                id="tenants.E011",
            )
        )
    only_grow = append_only_tables()
    if any(may_truncate and table in only_grow for table, _, _, may_truncate, _ in tables):
        problems.append(
            Error(
                f"The role {role} may TRUNCATE append-only tables, such as the journal.",
                hint=f"Run as the owner of the tables: REVOKE TRUNCATE ON ALL TABLES IN SCHEMA public FROM {role};",
                id="tenants.E012",
            )
        )
    changeable = sorted(table for table, _, _, _, may_change in tables if may_change and table in only_grow)
    if changeable:
        problems.append(
            Error(
                f"The role {role} may update or delete rows of the append-only tables {', '.join(changeable)}.",
                hint="Run as the owner of the tables: "
                f"REVOKE UPDATE, DELETE ON {', '.join(changeable)} FROM {role};",
                id="tenants.E013",
            )
        )
    return problems
