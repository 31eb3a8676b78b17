"""Write an assessment with very many findings, their evidence and manifests, with SQL, for the benchmark of reports.

The numbers of distinct values per verdict are those of a generated estate of 8 subscriptions with 200 resources each
(2,013 verdicts, measured with `assessments.evaluate`): 1.67 cited and 0.69 distinct pieces of evidence per verdict, and
one distinct observed value for every four verdicts. Names and ids are random, because repeated names would compress too
well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    from tenants.models import Tenant

UNITS, GROUPS = 40, 300
# The number of distinct pieces of evidence about one subject, divided by the number of controls. It is below 1, because
# some controls share a piece of evidence.
OWN_EVIDENCE = 0.67

_SUBJECTS = """(
  SELECT n, unit, grp, name, '/subscriptions/' || unit || '/resourceGroups/' || grp
    || '/providers/Microsoft.Storage/storageAccounts/' || name AS id
  FROM (SELECT n, lpad(to_hex(n %% %(units)s), 8, '0') || '-1111-4111-8111-111111111111' AS unit,
      'rg-application-' || n %% %(groups)s AS grp, 'st' || substr(md5(n::text), 1, 9) || n AS name
    FROM generate_series(1, %(subjects)s) n) x)
"""
_FINDINGS = f"""
INSERT INTO assessments_finding (
  id, tenant_id, control, section, severity, severity_rank, subject, subject_key, subject_name, subject_type, unit,
  resource_group, outcome, state, reason, expected, observed, observed_sha256, remarks, unknown_because, evidence,
  first_seen_at, changed_at, failing_since, gone_at)
SELECT uuidv7(), %(tenant)s, c.slug, c.section, c.severity, c.rank, s.id,
  encode(sha256(convert_to(lower(s.id), 'UTF8')), 'hex'), s.name, 'Microsoft.Storage/storageAccounts',
  '/subscriptions/' || s.unit, s.grp, o.outcome, CASE o.outcome WHEN 'fail' THEN 'open' ELSE 'passing' END,
  'The setting was read as "' || s.n %% 7 || '" instead of the value that the control expects.',
  'As the control expects.', v.observed, encode(sha256(convert_to(v.observed::text, 'UTF8')), 'hex'),
  '[]', '', e.hashes,
  now() - interval '200 days', now() - (h / 1000 %% 60) * interval '1 day 5 hours',
  CASE o.outcome WHEN 'fail' THEN now() - (h / 1000 %% 60) * interval '1 day 5 hours' END, NULL
FROM unnest(%(slugs)s::text[], %(sections)s::text[], %(severities)s::text[], %(ranks)s::int[], %(numbers)s::int[])
  AS c(slug, section, severity, rank, number)
CROSS JOIN {_SUBJECTS} s
CROSS JOIN LATERAL (SELECT abs(hashtextextended(c.slug || s.n, 1)) AS h) r
CROSS JOIN LATERAL (SELECT CASE WHEN h %% 1000000 < %(failing)s THEN 'fail' ELSE 'pass' END AS outcome) o
CROSS JOIN LATERAL (SELECT jsonb_build_object('publicNetworkAccess', s.n %% 7,
  'networks', CASE WHEN c.number %% 4 = 0 THEN s.name ELSE 'default' END) AS observed) v
CROSS JOIN LATERAL (SELECT ARRAY(SELECT encode(sha256(convert_to(text, 'UTF8')), 'hex') FROM unnest(ARRAY[
  'own ' || s.n || ' ' || c.number %% %(own)s,
  CASE WHEN c.number %% 3 > 0 THEN 'shared ' || c.number || ' ' || s.unit END]) text
  WHERE text IS NOT NULL) AS hashes) e
"""
_EVIDENCE = """
INSERT INTO assessments_evidenceitem (
  id, tenant_id, sha256, source, collection, document_id, api_version, request_id, collected_at, content)
SELECT uuidv7(), %(tenant)s, sha256, 'arm', 'storage_accounts', min(subject), '2025-01-01',
  md5(min(unit) || min(section))::uuid::text, now() - interval '1 hour', '{}'
FROM (SELECT unnest(evidence) AS sha256, subject, unit, section FROM assessments_finding WHERE tenant_id = %(tenant)s) f
GROUP BY sha256
"""
_RESOURCES = f"""
INSERT INTO assessments_resource (
  id, tenant_id, resource_id, key, type, name, location, unit, resource_group, tags, sha256, first_seen_at, changed_at)
SELECT uuidv7(), %(tenant)s, id, encode(sha256(convert_to(lower(id), 'UTF8')), 'hex'),
  'Microsoft.Storage/storageAccounts', name, 'westeurope', '/subscriptions/' || unit, grp, '{{}}', md5(id), now(), now()
FROM {_SUBJECTS} s
"""
_ASSESSMENT_CHANGES = """
INSERT INTO assessments_findingchange (
  id, tenant_id, finding_id, assessment_id, at, before_outcome, after_outcome, after_observed, reason, severity_rank)
SELECT uuidv7(), tenant_id, id, %(assessment)s, now(), '', outcome, observed, reason, severity_rank
FROM assessments_finding WHERE tenant_id = %(tenant)s
"""
_MANIFESTS = """
INSERT INTO assessments_evidenceitem (
  id, tenant_id, sha256, source, collection, document_id, api_version, request_id, collected_at, content)
SELECT uuidv7(), %(tenant)s, encode(sha256(convert_to(unit, 'UTF8')), 'hex'), 'manifest', 'manifest', unit, '', '',
  now(),
  jsonb_build_object('answers', jsonb_build_object('storage_accounts',
    jsonb_build_object(unit, jsonb_agg(jsonb_build_array(subject, hashes) ORDER BY subject))))
FROM (SELECT unit, subject, to_jsonb(array_agg(DISTINCT sha256)) AS hashes FROM (
    SELECT unit, subject, unnest(evidence) AS sha256 FROM assessments_finding WHERE tenant_id = %(tenant)s) f
  GROUP BY unit, subject) g
GROUP BY unit
"""


def write(tenant: Tenant, findings: int, failing: int) -> None:
    """Write a finished assessment with about this number of findings, of which about `failing` fail."""
    from django.db import connection
    from django.utils import timezone

    from assessments.controls.registry import catalogue
    from assessments.models import Assessment, EvidenceItem, Unit
    from tenants.models import Directory, Subscription
    from tenants.scope import tenant_scope

    ranks = ["critical", "high", "medium", "low"]
    controls = list(catalogue().values())
    with tenant_scope(tenant.pk), connection.cursor() as cursor:
        assessment = Assessment.objects.create(
            tenant=tenant,
            number=1,
            catalogue_hash="0" * 64,
            product_version="1",
            state="finished",
            started_at=timezone.now(),
            ended_at=timezone.now(),
        )
        values: dict[str, Any] = {
            "tenant": tenant.pk,
            "assessment": assessment.pk,
            "units": UNITS,
            "groups": GROUPS,
            "subjects": max(1, round(findings / len(controls))),
            "failing": round(1_000_000 * failing / findings),
            "own": max(1, round(OWN_EVIDENCE * len(controls))),
            "slugs": [control.slug for control in controls],
            "sections": [control.section for control in controls],
            "severities": [str(control.severity) for control in controls],
            "ranks": [ranks.index(str(control.severity)) for control in controls],
            "numbers": list(range(len(controls))),
        }
        for statement in (
            _FINDINGS, _EVIDENCE, _RESOURCES, _ASSESSMENT_CHANGES, _MANIFESTS,
        ):  # fmt: skip
            cursor.execute(statement, values)
        directory = Directory.objects.create(tenant=tenant, directory_id=str(uuid4()), name="Contoso")
        for manifest in (
            EvidenceItem.objects.filter(source="manifest").defer("content").order_by("document_id")
        ):
            guid = manifest.document_id.rpartition("/")[2]
            subscription = Subscription.objects.create(
                tenant=tenant,
                directory=directory,
                subscription_id=guid,
                display_name=f"Landing zone {guid[:8]}",
                state="Enabled",
                discovered_at=timezone.now(),
                last_seen_at=timezone.now(),
            )
            Unit.objects.create(
                tenant=tenant,
                assessment=assessment,
                kind=Unit.Kind.SUBSCRIPTION,
                azure_id=guid,
                name=subscription.display_name,
                directory=directory,
                subscription=subscription,
                state=Unit.State.DONE,
                requests=99,
                started_at=assessment.started_at,
                ended_at=timezone.now(),
                manifest=manifest,
            )
