"""Use SQL to write a tenant with very many findings, for benchmarks of pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tenants.models import Person, Tenant

UNITS, GROUPS, OWNERS, MOMENTS = 40, 300, 30, 60

# One finding in four fails, which is about as many as for real customers. The times at which findings began to fail are
# spread over half a year.
_FINDINGS = """
INSERT INTO assessments_finding (
  id, tenant_id, control, section, severity, severity_rank, subject, subject_key, subject_name, subject_type, unit,
  resource_group, outcome, state, reason, expected, observed, observed_sha256, remarks, unknown_because, evidence,
  first_seen_at, changed_at, failing_since, gone_at)
SELECT uuidv7(), %(tenant)s, c.slug, c.section, c.severity, c.rank,
  s.scope || '/providers/Microsoft.Storage/storageAccounts/account' || s.n,
  encode(sha256(convert_to('account' || s.n, 'UTF8')), 'hex'), 'account' || s.n, 'Microsoft.Storage/storageAccounts',
  s.unit, s.grp, o.outcome, CASE o.outcome WHEN 'fail' THEN 'open' WHEN 'pass' THEN 'passing' ELSE o.outcome END,
  'The setting of ' || c.slug || ' is not what the control expects: it was read as "' || s.n %% 7 || '".',
  'As the control expects.', jsonb_build_object('value', s.n %% 7),
  encode(sha256(convert_to('v' || s.n %% 7, 'UTF8')), 'hex'),
  '[]', CASE o.outcome WHEN 'unknown' THEN 'forbidden' ELSE '' END, '{}',
  now() - interval '200 days', o.at, CASE o.outcome WHEN 'fail' THEN o.at END, NULL
FROM (SELECT *, '/subscriptions/' || u AS unit, '/subscriptions/' || u || '/resourceGroups/' || grp AS scope FROM (
    SELECT n, lpad(to_hex(n %% %(units)s), 8, '0') || '-1111-4111-8111-111111111111' AS u,
      'rg-application-' || n %% %(groups)s AS grp
    FROM generate_series(1, %(subjects)s) n) x) s
CROSS JOIN unnest(%(slugs)s::text[], %(sections)s::text[], %(severities)s::text[], %(ranks)s::int[])
  AS c(slug, section, severity, rank)
CROSS JOIN LATERAL (SELECT abs(hashtextextended(c.slug || s.n, 1)) AS h) r
CROSS JOIN LATERAL (SELECT CASE WHEN h %% 100 < 25 THEN 'fail' WHEN h %% 100 < 83 THEN 'pass'
    WHEN h %% 100 < 91 THEN 'unknown'
    WHEN h %% 100 < 93 THEN 'manual' ELSE 'not_applicable' END AS outcome,
    date_trunc('hour', now()) - (h / 100 %% %(moments)s) * interval '3 days 5 hours' AS at) o
"""
# Each resource has two tags: `env` with one of three values, and `team` with one of forty values.
_RESOURCES = """
INSERT INTO assessments_resource (
  id, tenant_id, resource_id, key, type, name, location, unit, resource_group, tags, sha256, first_seen_at, changed_at)
SELECT uuidv7(), tenant_id, subject, subject_key, subject_type, subject_name, 'westeurope', unit, resource_group,
  jsonb_build_object('env', (ARRAY['prod', 'test', 'dev'])[1 + h %% 3], 'team', 'team ' || h / 3 %% 40),
  subject_key, first_seen_at, first_seen_at
FROM (SELECT DISTINCT ON (subject_key) *, abs(hashtextextended(subject_key, 3)) AS h
  FROM assessments_finding WHERE tenant_id = %(tenant)s) f
"""
_TREATMENTS = """
INSERT INTO treatment_treatment (id, tenant_id, finding_id, owner_id, owner_source, owned_at, plan,
  acknowledged_by_id, acknowledged_at, acknowledged_failing_since,
  excepted_sha256, excepted_from, excepted_until, attested_met, attested_until, attested_sha256)
SELECT uuidv7(), tenant_id, id, (%(owners)s::uuid[])[1 + h %% %(many)s], 'hand', now(), '',
  CASE WHEN acked THEN (%(owners)s::uuid[])[1] END, CASE WHEN acked THEN now() END,
  CASE WHEN acked THEN failing_since END,
  CASE WHEN covered THEN observed_sha256 ELSE '' END, CASE WHEN covered THEN now() - interval '9 days' END,
  CASE WHEN covered THEN now() + interval '60 days' END,
  CASE WHEN outcome = 'manual' AND h %% 2 = 0 THEN true END,
  CASE WHEN outcome = 'manual' AND h %% 2 = 0 THEN now() + interval '90 days' END,
  CASE WHEN outcome = 'manual' AND h %% 2 = 0 THEN observed_sha256 ELSE '' END
FROM (SELECT *, outcome = 'fail' AND h / 7 %% 100 < 12 AS acked,
    outcome = 'fail' AND h / 7 %% 100 BETWEEN 12 AND 24 AS covered
  FROM (SELECT *, abs(hashtextextended(id::text, 2)) AS h FROM assessments_finding WHERE tenant_id = %(tenant)s) f
  WHERE h / 1000 %% 10 < 6) x
"""


def people(count: int) -> list[Person]:
    """Create this number of people without a role, and return them."""
    from tenants.models import Person

    return [
        Person.objects.create_user(f"person{number}@example.com", name=f"Person {number}")
        for number in range(count)
    ]


def write(tenant: Tenant, owners: list[Person], findings: int) -> None:
    """Store approximately `findings` findings of a tenant. Six of ten findings get an owner. An eighth of the failing
    findings with an owner get an exception.

    The owners get the role Owner in the tenant.
    """
    from django.db import connection
    from django.utils import timezone

    from assessments.controls.registry import catalogue
    from tenants.models import Membership
    from tenants.roles import Role
    from tenants.scope import tenant_scope

    ranks = ["critical", "high", "medium", "low"]
    controls = list(catalogue().values())
    values: dict[str, Any] = {
        "tenant": tenant.pk,
        "units": UNITS,
        "groups": GROUPS,
        "moments": MOMENTS,
        "subjects": findings // len(controls),
        "slugs": [c.slug for c in controls],
        "sections": [c.section for c in controls],
        "severities": [str(c.severity) for c in controls],
        "ranks": [ranks.index(str(c.severity)) for c in controls],
        "owners": [person.pk for person in owners],
        "many": len(owners),
    }
    with tenant_scope(tenant.pk), connection.cursor() as cursor:
        Membership.objects.bulk_create(
            Membership(
                person=person,
                organization_id=tenant.organization_id,
                tenant=tenant,
                role=Role.OWNER,
                valid_from=timezone.now(),
            )
            for person in owners
        )
        cursor.execute(_FINDINGS, values)
        cursor.execute(_RESOURCES, values)
        cursor.execute(_TREATMENTS, values)


_CHANGES = """
INSERT INTO assessments_findingchange (
  id, tenant_id, finding_id, assessment_id, at, before_outcome, after_outcome, before_observed, after_observed, reason,
  severity_rank)
SELECT uuidv7(), tenant_id, id, %(assessment)s, now(), CASE outcome WHEN 'fail' THEN 'pass' ELSE 'fail' END, outcome,
  observed, observed, reason, severity_rank
FROM assessments_finding WHERE tenant_id = %(tenant)s
"""


def assessed(tenant: Tenant) -> None:
    """Write two assessments and a snapshot of a tenant. In the second assessment, every verdict changes."""
    from django.db import connection
    from django.utils import timezone

    from assessments.models import Assessment
    from portal.treatment.actions.figures.snapshots import take_snapshot
    from tenants.scope import tenant_scope

    with tenant_scope(tenant.pk), connection.cursor() as cursor:
        for number in (1, 2):
            row = Assessment.objects.create(
                tenant=tenant,
                number=number,
                catalogue_hash="0" * 64,
                product_version="1",
                state="finished",
                ended_at=timezone.now(),
            )
        cursor.execute(_CHANGES, {"tenant": tenant.pk, "assessment": row.pk})
        take_snapshot(tenant=tenant)


def tenant_of(name: str, member: Person) -> Tenant:
    """Create a tenant in a new organization. The person gets the role Engineer in the organization."""
    from tenants.actions import grant_membership, register_organization, register_tenant
    from tenants.actors import System
    from tenants.roles import Role
    from tenants.scope import organization_scope

    by = System("benchmark")
    made = register_organization(by=by, name=name)
    with organization_scope(made.pk):
        grant_membership(
            by=by, person=member, organization=made, role=Role.ORGANIZATION_ENGINEER, tenant=None
        )
        row: Tenant = register_tenant(by=by, organization=made, name=name)
    return row


def vacuum() -> None:
    """Run VACUUM ANALYZE, as autovacuum would do within minutes, so that PostgreSQL has statistics and can use
    index-only scans."""
    from django.db import connections

    from portal.owner_db import allow_owner

    with allow_owner(), connections["owner"].cursor() as cursor:
        cursor.execute(
            "VACUUM ANALYZE assessments_finding, assessments_findingchange, assessments_findingtext,"
            " assessments_resource, treatment_treatment, treatment_snapshot, treatment_controlcount,"
            " assessments_assessment, assessments_unit, assessments_resourceversion, assessments_activityevent,"
            " assessments_activityreading, changes_resourcechange, changes_changetext"
        )
    connections["owner"].close()
