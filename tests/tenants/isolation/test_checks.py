"""System checks: every model is protected, in the code and in the database."""

import sys
from collections.abc import Iterator
from unittest.mock import patch
from uuid import UUID

import psycopg
import pytest
from django.apps import apps
from django.apps.registry import Apps
from django.core.checks import run_checks
from django.db import DatabaseError, connections, models, transaction
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.state import ModelState, ProjectState
from django.test.utils import isolate_apps
from hypothesis import given
from hypothesis import strategies as st

from portal.portfolio_reports.models import PortfolioReport
from tenants import ids
from tenants.isolation import checks
from tenants.models import Directory, OrganizationOwned, ServicePrincipal, Subscription, Tenant, TenantOwned
from tenants.references import CompositeReference, same_tenant
from tenants.rls import ORGANIZATION, TENANT, RowLevelSecurity
from tenants.scope import tenant_scope
from tests import factories


def found() -> list[str | None]:
    return [problem.id for problem in checks.models_are_protected(None)]


def policies(model: type[models.Model]) -> list[RowLevelSecurity]:
    return [one for one in model._meta.constraints if isinstance(one, RowLevelSecurity)]


def test_all_models_pass_the_checks() -> None:
    assert [p for p in run_checks(tags=["security"]) if p.id and p.id.startswith("tenants.")] == []


def test_plain_models_are_few_and_have_reasons() -> None:
    assert len(checks.PLAIN) <= 15
    assert all(len(reason) > 20 for reason in checks.PLAIN.values())


@isolate_apps("tenants")
def test_unprotected_model_is_an_error() -> None:
    class Leak(models.Model):
        class Meta:
            app_label = "tenants"

    known = apps.get_models()
    with patch.object(apps, "get_models", lambda **_: [*known, Leak]):
        Leak.__module__ = "tenants.models.leak"
        assert found() == ["tenants.E001"]
        with patch.dict(checks.PLAIN, {"tenants.Leak": "because"}):
            assert found() == []
        Leak.__module__ = "allauth.models"
        assert found() == []
    with patch.dict(checks.PLAIN, {"tenants.Directory": "because"}):
        assert found() == ["tenants.E002"]
    with patch.dict(checks.PLAIN, {"tenants.Gone": "because"}):
        assert found() == ["tenants.E003"]


@pytest.fixture
def tenants_apps() -> Iterator[Apps]:
    """An isolated registry of models in which the models of a test can refer to models of the product."""
    with isolate_apps("tenants") as isolated:
        assert isolated is not None
        for model in (Tenant, Directory, ServicePrincipal, Subscription):
            isolated.register_model("tenants", model)
        yield isolated


def test_every_foreign_key_of_the_product_stays_in_its_tenant() -> None:
    assert checks.foreign_keys_stay_in_the_tenant(None) == []


def test_every_foreign_key_of_the_product_stays_in_its_organization() -> None:
    assert checks.foreign_keys_stay_in_the_organization(None) == []
    fields = {str(field) for field in checks.foreign_keys_to_rows_of_organizations()}
    assert len(fields) >= 8
    assert set(checks.KEPT_BY_TRIGGER) <= fields


def test_foreign_key_that_can_leave_the_organization_is_an_error() -> None:
    meta = PortfolioReport._meta
    others = [one for one in meta.constraints if not isinstance(one, CompositeReference)]
    with patch.object(meta, "constraints", others):
        (problem,) = checks.foreign_keys_stay_in_the_organization(None)
    assert (str(problem.obj), problem.id) == ("portfolio_reports.PortfolioReport.branding", "tenants.E008")
    assert '("organization_id", "branding_id")' in str(problem.hint)


def test_foreign_key_that_can_leave_the_tenant_is_an_error(tenants_apps: Apps) -> None:
    class Note(TenantOwned):
        directory = models.ForeignKey(Directory, on_delete=models.CASCADE, related_name="+")
        principal = models.OneToOneField(
            ServicePrincipal, null=True, on_delete=models.SET_NULL, related_name="+"
        )
        friends = models.ManyToManyField(Subscription, related_name="+")

        class Meta(TenantOwned.Meta):
            app_label = "tenants"
            constraints = [same_tenant("directory_id", "tenants_directory")]

    through = Note.friends.through
    for model in (Note, through):
        model.__module__ = "tenants.models.note"
    with patch.object(apps, "get_models", lambda **_: [Note, through]):
        problems = checks.foreign_keys_stay_in_the_tenant(None)
    assert {str(problem.obj) for problem in problems} == {
        "tenants.Note.principal",
        "tenants.Note_friends.note",
        "tenants.Note_friends.subscription",
    }
    assert {problem.id for problem in problems} == {"tenants.E004"}
    assert 'same_tenant("principal_id", "tenants_serviceprincipal")' in str(problems[0].hint)


def test_composite_reference_must_match_the_column_and_table(tenants_apps: Apps) -> None:
    class Reference(TenantOwned):
        directory = models.ForeignKey(Directory, on_delete=models.CASCADE, related_name="+")

        class Meta(TenantOwned.Meta):
            app_label = "tenants"
            constraints = [
                same_tenant("directory_id", "tenants_subscription"),
                same_tenant("id", "tenants_directory"),
            ]

    Reference.__module__ = "tenants.models.reference"
    with patch.object(apps, "get_models", lambda **_: [Reference]):
        (problem,) = checks.foreign_keys_stay_in_the_tenant(None)
    assert str(problem.obj) == "tenants.Reference.directory"


@isolate_apps("tenants")
def test_join_tables_of_many_to_many_fields_are_checked() -> None:
    class Tagged(TenantOwned):
        directories = models.ManyToManyField("self")

        class Meta(TenantOwned.Meta):
            app_label = "tenants"

    through = Tagged.directories.through
    through.__module__ = "tenants.models.tagged"
    with patch.object(apps, "get_models", lambda **_: [through]):
        assert "tenants.E001" in found()


@isolate_apps("tenants")
def test_models_are_protected_with_every_form_of_meta() -> None:
    check = models.CheckConstraint(condition=models.Q(size__gt=0), name="size_positive")

    class Plain(TenantOwned):
        class Meta(TenantOwned.Meta):
            app_label = "tenants"

    class WithConstraints(TenantOwned):
        size = models.IntegerField()

        class Meta(TenantOwned.Meta):
            app_label = "tenants"
            constraints = [check]

    class WithoutInheriting(TenantOwned):
        size = models.IntegerField()

        class Meta:
            app_label = "tenants"
            constraints = [check]

    class Between(TenantOwned):
        size = models.IntegerField()

        class Meta(TenantOwned.Meta):
            app_label = "tenants"
            abstract = True
            constraints = [check]

    class Below(Between):
        class Meta(Between.Meta):
            app_label = "tenants"

    class Mixed(TenantOwned):
        class Meta:
            app_label = "tenants"

    class Whole(OrganizationOwned):
        class Meta(OrganizationOwned.Meta):
            app_label = "tenants"

    for model in (Plain, WithConstraints, WithoutInheriting, Below, Mixed):
        assert [(one.name, one.using) for one in policies(model)] == [
            (f"tenants_{model.__name__.lower()}_rls", TENANT)
        ]
    for model in (WithConstraints, WithoutInheriting, Below):
        assert "size_positive" in {one.name for one in model._meta.constraints}
    assert [one.using for one in policies(Whole)] == [ORGANIZATION]


@isolate_apps("tenants")
def test_makemigrations_writes_the_policy() -> None:
    class Finding(TenantOwned):
        class Meta(TenantOwned.Meta):
            app_label = "tenants"

    after = ProjectState()
    after.add_model(ModelState.from_model(Finding))
    changes = MigrationAutodetector(ProjectState(), after)._detect_changes()  # type: ignore[attr-defined]
    text = str([operation.deconstruct() for operation in changes["tenants"][0].operations])
    assert "RowLevelSecurity" in text
    assert TENANT in str(policies(Finding)[0].deconstruct())
    assert policies(Finding)[0].clone() == policies(Finding)[0]
    assert policies(Finding)[0] != RowLevelSecurity(name="tenants_finding_rls", using="true")


def database() -> list[str | None]:
    return [problem.id for problem in checks.database_is_protected(None, databases=["default"])]


def as_owner(*statements: str) -> None:
    with psycopg.connect(**connections["owner"].get_connection_params(), autocommit=True) as owner:
        for statement in statements:
            owner.execute(statement.encode())


def columns_the_role_may_update(table: str) -> list[str]:
    with psycopg.connect(**connections["owner"].get_connection_params()) as owner:
        rows = owner.execute(
            "SELECT attname FROM pg_attribute, aclexplode(attacl) AS granted"
            " WHERE attrelid = %s::regclass AND privilege_type = 'UPDATE' AND grantee = %s::regrole",
            [table, connections["default"].settings_dict["USER"]],
        )
        return sorted(name for (name,) in rows)


ALTERED = {
    "not forced": (
        "ALTER TABLE tenants_directory NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE tenants_directory FORCE ROW LEVEL SECURITY",
    ),
    "disabled": (
        "ALTER TABLE tenants_directory DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE tenants_directory ENABLE ROW LEVEL SECURITY",
    ),
    "no policy": (
        "DROP POLICY tenants_directory_rls ON tenants_directory",
        f"CREATE POLICY tenants_directory_rls ON tenants_directory USING ({TENANT}) WITH CHECK ({TENANT})",
    ),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ALTERED)
def test_altered_table_is_an_error(name: str) -> None:
    alter, restore = ALTERED[name]
    before = database()
    as_owner(alter)
    try:
        after = database()
    finally:
        as_owner(restore)
    assert "tenants.E010" not in before
    assert after.count("tenants.E010") == 1
    assert database() == before


@pytest.mark.django_db
def test_role_that_may_truncate_the_journal_is_an_error() -> None:
    """The database role of the tests may truncate all tables, to empty them between tests, so the check reports it."""
    assert database() == ["tenants.E012"]
    assert checks.database_is_protected(None, databases=["owner"]) == []
    assert checks.database_is_protected(None, databases=None) == []


APPEND_ONLY = [
    "assessments_activityevent",
    "assessments_activityreading",
    "assessments_evidenceitem",
    "assessments_resourceversion",
    "audit_anchor",
    "changes_reviewevent",
    "reports_deletedreport",
    "retention_organizationretentionrule",
    "retention_retentionrule",
    "tenants_journalentry",
    "tenants_organizationjournalentry",
    "tenants_serviceaccountcontroller",
    "treatment_treatmentevent",
]


def test_journals_timelines_evidence_and_retention_rules_only_grow() -> None:
    assert checks.append_only_tables() == APPEND_ONLY


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("privilege", ["UPDATE", "DELETE"])
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_role_that_may_change_an_append_only_table_is_an_error(table: str, privilege: str) -> None:
    role = connections["default"].settings_dict["USER"]
    change = f"DELETE FROM {table}" if privilege == "DELETE" else f"UPDATE {table} SET id = id"
    with pytest.raises(DatabaseError, match="permission denied"):
        connections["default"].cursor().execute(change)
    columns = columns_the_role_may_update(table)
    as_owner(f"GRANT {privilege} ON {table} TO {role}")
    try:
        assert "tenants.E013" in database()
    finally:
        # Revoking UPDATE of a table also revokes UPDATE of each of its columns, so grant these again.
        as_owner(
            f"REVOKE {privilege} ON {table} FROM {role}",
            *(f"GRANT UPDATE ({column}) ON {table} TO {role}" for column in columns),
        )
    assert "tenants.E013" not in database()
    assert columns_the_role_may_update(table) == columns


@pytest.mark.django_db(transaction=True)
def test_role_that_owns_its_tables_is_an_error() -> None:
    default = connections["default"]
    owner = connections["owner"].settings_dict
    given = {**default.settings_dict, "USER": owner["USER"], "PASSWORD": owner["PASSWORD"]}
    default.close()
    with patch.object(default, "settings_dict", given):
        try:
            assert "tenants.E011" in database()
        finally:
            default.close()


@given(st.integers(min_value=1, max_value=50))
def test_ids_are_uuid7_and_sort_by_time(count: int) -> None:
    made = [ids.uuid7() for _ in range(count)]
    assert len(set(made)) == count
    assert all(one.version == 7 and one.variant == "specified in RFC 4122" for one in made)
    milliseconds = [one.int >> 80 for one in made]
    assert milliseconds == sorted(milliseconds)


@pytest.mark.slow(seconds=1)
@given(st.one_of(st.text(), st.integers(), st.binary(), st.none(), st.uuids()))
def test_parse_uuid_never_raises(value: object) -> None:
    parsed = ids.parse_uuid(value)
    assert (parsed == value) is isinstance(value, UUID) or parsed is None or isinstance(value, str)


@pytest.mark.django_db
def test_row_level_security_binds_bulk_writes() -> None:
    mine, foreign = factories.directory(), factories.tenant()
    with tenant_scope(mine.tenant_id):
        made = Directory.objects.bulk_create(
            [Directory(tenant_id=mine.tenant_id, directory_id=str(ids.uuid7()), name="x") for _ in range(3)]
        )
        assert len(made) == 3
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Directory.objects.bulk_create(
                [Directory(tenant=foreign, directory_id=str(ids.uuid7()), name="x")]
            )


def test_unlisted_table_of_another_package_is_an_error() -> None:
    """An upgrade of a package can add a table that contains readable secrets, so somebody must look at it."""
    known = dict(checks.THIRD_PARTY)
    authenticator = known.pop("mfa.Authenticator")
    with patch.object(checks, "THIRD_PARTY", known):
        [problem] = checks.third_party_tables_are_known(None)
    assert (problem.id, "mfa.Authenticator" in problem.msg) == ("tenants.E005", True)
    with patch.object(checks, "THIRD_PARTY", {**checks.THIRD_PARTY, "mfa.Gone": authenticator}):
        assert [problem.id for problem in checks.third_party_tables_are_known(None)] == ["tenants.E006"]
    assert all(len(table.reason) > 20 for table in checks.THIRD_PARTY.values())


def test_model_without_a_level_of_protection_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.models_have_a_level(None) == []
    monkeypatch.delattr(Directory, "protection")
    (problem,) = checks.models_have_a_level(None)
    assert (problem.id, problem.obj) == ("tenants.E009", Directory)


def test_module_of_models_that_nothing_imports_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.modules_of_models_are_imported(None) == []
    monkeypatch.delitem(sys.modules, "portal.treatment.models.comment")
    (problem,) = checks.modules_of_models_are_imported(None)
    assert (problem.id, "portal.treatment.models.comment" in problem.msg) == ("tenants.E007", True)
