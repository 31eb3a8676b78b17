"""Measure the pages about changes of a customer with very many versions of resources.

`python -m benchmarks.history [--versions N] [--resources N] [--events N] [--chain N] [--rounds N]` writes resources
with findings, events of the activity log, and versions of the configurations; each version has a recorded change. One
resource has 1,000 versions. Then the program requests the inventory, the history of this resource and of another
resource, and the list of changes, through all of Django's middleware. It prints wall time and processor time, as
`benchmarks.findings_page` describes, and the storage for each version and change.
"""

from __future__ import annotations

import argparse
import os
from datetime import timedelta
from typing import Any

from benchmarks.shared.installation import installation
from benchmarks.shared.many_resources import COUNTS, RESOURCES

DIRECTORY = "00000000-1111-4111-8111-00000000000d"
ASSESSMENTS = 1000
"""The number of assessments. The first resource has a version from each of them."""
# This statement writes the versions. All resources except the first have the same number of versions, spread over the
# assessments. `text` is the canonical JSON of the whole document (`assessments.evaluate.canonical`). The rows look like
# the rows that `assessments.resource_versions` writes.
_VERSIONS = """
INSERT INTO assessments_resourceversion (id, tenant_id, resource_id, assessment_id, at, sha256, chain, step, content)
SELECT v.id, %(tenant)s, v.resource_id, v.assessment_id, v.at, encode(sha256(convert_to(v.text, 'UTF8')), 'hex'),
  CASE WHEN v.step > 0 THEN first_value(v.id) OVER (PARTITION BY v.resource_id, v.chain ORDER BY v.step) END, v.step,
  CASE WHEN v.step = 0 THEN v.text::jsonb ELSE jsonb_build_array(
    jsonb_build_object('op', 'replace', 'path', '/properties/publicNetworkAccess', 'value', v.access),
    jsonb_build_object('op', 'replace', 'path', '/properties/revision', 'value', v.number)) END
FROM (
  SELECT uuidv7() AS id, n.*, (n.place - 1) / %(chain)s AS chain, (n.place - 1) %% %(chain)s AS step,
    '{"id":' || to_json(n.azure_id) || ',"location":' || to_json(n.location)
    || ',"properties":{"networkAcls":{"bypass":"AzureServices","defaultAction":"Allow"},"publicNetworkAccess":"'
    || n.access || '","revision":' || n.number || ',"rules":[{"name":"one","port":22},'
    || '{"name":"two","port":443}]},"type":' || to_json(n.type) || '}' AS text
  FROM (
    SELECT r.id AS resource_id, r.resource_id AS azure_id, r.location, r.type, a.id AS assessment_id, a.ended_at AS at,
      a.number, CASE a.number %% 2 WHEN 0 THEN 'Enabled' ELSE 'Disabled' END AS access,
      row_number() OVER (PARTITION BY r.id ORDER BY a.number) AS place
    FROM (SELECT *, row_number() OVER (ORDER BY id) AS place FROM assessments_resource WHERE tenant_id = %(tenant)s) r
    JOIN assessments_assessment a ON a.tenant_id = %(tenant)s
      AND (r.place = 1 OR (a.number + r.place) %% (%(assessments)s / %(each)s) = 0)
  ) n
) v
"""
_CHANGES = """
INSERT INTO changes_resourcechange (
  id, tenant_id, key, kind, at, since, resource_id, azure_id, name, type, unit, resource_group, tags, version,
  assessment, differences, difference_count, properties, candidates, actors, operations, gap, is_attributed, verdicts,
  worsened, approved_differences, approved_difference_count, rules, severity, state, reason, ticket)
SELECT uuidv7(), v.tenant_id, encode(sha256(convert_to(v.id::text, 'UTF8')), 'hex'), 'changed', v.at,
  v.at - interval '1 hour', r.id, r.resource_id, r.name, lower(r.type), r.unit, r.resource_group, '{}', v.id, a.number,
  '[{"path": ["properties", "publicNetworkAccess"], "before": "Disabled", "now": "Enabled"}]', 1,
  ARRAY['properties.publicNetworkAccess'], '[]', ARRAY['user' || a.number %% 50 || '@contoso.com'],
  ARRAY['microsoft.type/things/write'], '', true, '[]', '', '[]', 0, ARRAY[]::varchar[], '', '', '', ''
FROM assessments_resourceversion v JOIN assessments_resource r ON r.id = v.resource_id
JOIN assessments_assessment a ON a.id = v.assessment_id WHERE v.tenant_id = %(tenant)s
"""
_EVENTS = """
INSERT INTO assessments_activityevent (
  id, tenant_id, unit, event_id, at, resource_id, operation, status, correlation_id, actor_kind, actor, actor_name,
  object_id, address, target_name, properties, property_count)
SELECT uuidv7(), r.tenant_id, r.unit, 'event' || n, now() - interval '40 days' * (n::float / %(events)s),
  r.resource_id, 'Microsoft.Type/things/write', 'Succeeded', 'correlation' || n, 'person',
  'user' || n %% 50 || '@contoso.com', '', '', NULL, '', '[]', 0
FROM (SELECT *, row_number() OVER (ORDER BY id) - 1 AS place FROM assessments_resource WHERE tenant_id = %(tenant)s) r
JOIN generate_series(1, %(events)s) n ON n %% %(resources)s = r.place
"""
_READINGS = """
INSERT INTO assessments_activityreading (id, tenant_id, unit, since, until, events, code, message, permission)
SELECT uuidv7(), tenant_id, '/subscriptions/' || azure_id, started_at - interval '61 minutes', ended_at, 10, '', '', ''
FROM assessments_unit WHERE tenant_id = %(tenant)s
"""
# Write five findings on each resource. A quarter of all findings fail.
_FINDINGS = """
INSERT INTO assessments_finding (
  id, tenant_id, control, section, severity, severity_rank, subject, subject_key, subject_name, subject_type, unit,
  resource_group, outcome, state, reason, expected, observed, observed_sha256, remarks, unknown_because, evidence,
  first_seen_at, changed_at, failing_since, gone_at)
SELECT uuidv7(), r.tenant_id, c.slug, 'storage', 'medium', 2, r.resource_id, r.key, r.name, r.type, r.unit,
  r.resource_group, CASE WHEN c.fails THEN 'fail' ELSE 'pass' END, CASE WHEN c.fails THEN 'open' ELSE 'passing' END,
  'As it was read.', 'As expected.', '{}', r.key, '[]', '', '{}', now(), now(), CASE WHEN c.fails THEN now() END, NULL
FROM assessments_resource r
CROSS JOIN LATERAL (SELECT slug, abs(hashtextextended(r.key || slug, 1)) %% 4 = 0 AS fails
  FROM unnest(%(slugs)s::text[]) AS u(slug)) c
WHERE r.tenant_id = %(tenant)s
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--versions", type=int, default=1_000_000)
    parser.add_argument("--resources", type=int, default=20_000)
    parser.add_argument("--events", type=int, default=1_000_000, help="in the activity log of 40 days")
    parser.add_argument(
        "--chain", type=int, default=20, help="versions in a chain; 1 stores all versions whole"
    )
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with installation():
        from django.db import connection
        from django.utils import timezone

        from assessments.controls.registry import catalogue
        from assessments.models import Assessment, Resource, ResourceVersion, Unit
        from benchmarks.shared import many_findings as many
        from benchmarks.shared.page_times import asking
        from tenants.models import Directory
        from tenants.scope import tenant_scope

        people = many.people(1)
        tenant: Any = many.tenant_of("Benchmark", people[0])
        given = {
            "tenant": tenant.pk,
            "resources": options.resources,
            "assessments": ASSESSMENTS,
            "each": max(1, options.versions // options.resources),
            "events": options.events,
            "chain": options.chain,
            "slugs": [control.slug for control in catalogue().values() if control.section == "storage"][:5],
        }
        begin = timezone.now() - timedelta(hours=ASSESSMENTS)
        with tenant_scope(tenant.pk):
            rows = [
                Assessment(
                    tenant=tenant,
                    number=number,
                    state=Assessment.State.FINISHED,
                    trigger=Assessment.Trigger.SCHEDULE,
                    started_at=begin + timedelta(hours=number - 1),
                    ended_at=begin + timedelta(hours=number - 1, minutes=10),
                    units_total=1,
                )
                for number in range(1, ASSESSMENTS + 1)
            ]
            Assessment.objects.bulk_create(rows)
            directory = Directory.objects.create(tenant=tenant, directory_id=DIRECTORY, name="Benchmark")
            Unit.objects.bulk_create(
                Unit(
                    tenant=tenant,
                    assessment=row,
                    kind=Unit.Kind.SUBSCRIPTION,
                    azure_id=f"0000000{place}-1111-4111-8111-111111111111",
                    name=f"Subscription {place}",
                    directory=directory,
                    state=Unit.State.DONE,
                    started_at=row.started_at,
                    ended_at=row.ended_at,
                )
                for row in rows
                for place in range(3)
            )
            with connection.cursor() as cursor:
                for statement in (RESOURCES, COUNTS, _VERSIONS, _CHANGES, _EVENTS, _READINGS, _FINDINGS):
                    cursor.execute(statement, given)
            first = Resource.objects.filter(tenant=tenant).order_by("id").first()
            other = Resource.objects.filter(tenant=tenant).order_by("id").last()
            assert first is not None
            assert other is not None
            found = ResourceVersion.objects.filter(tenant=tenant).count()
            own = ResourceVersion.objects.filter(tenant=tenant, resource=first).count()
        many.vacuum()
        with connection.cursor() as cursor:
            for table in ("assessments_resourceversion", "changes_resourcechange"):
                cursor.execute("SELECT pg_total_relation_size(%s)", [table])
                size = cursor.fetchone()[0]
                print(
                    f"{table}: {size / 2**20:,.0f} MB, {size / found:,.0f} bytes for each row with its indexes"
                )
        print(f"{found:,} versions of {options.resources:,} resources; one of the resources has {own:,}")
        print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
        ask = asking(people[0], options.rounds)
        place = f"/t/{tenant.slug}"
        ask("inventory", f"{place}/inventory/")
        ask("inventory, last changed first", f"{place}/inventory/?sort=changed")
        ask("search in the inventory", f"{place}/inventory/?q=resource77")
        ask(f"history of a resource with {own:,} versions", f"{place}/inventory/{first.pk}/")
        ask("its last page", f"{place}/inventory/{first.pk}/?page=50")
        ask("comparison of two versions", f"{place}/inventory/{first.pk}/compare/")
        ask("history of another resource", f"{place}/inventory/{other.pk}/")
        ask("changes of 30 days", f"{place}/resource-changes/")
        ask("all changes", f"{place}/resource-changes/?days=all")
        ask("all changes of an actor", f"{place}/resource-changes/?days=all&actor=user7@contoso.com")
        ask("all changes of a type", f"{place}/resource-changes/?days=all&type=microsoft.type7/things")
        ask("search in all changes", f"{place}/resource-changes/?days=all&q=resource77")
        ask("search that all changes match", f"{place}/resource-changes/?days=all&q=resource")
        ask("search that no change matches", f"{place}/resource-changes/?days=all&q=nothing")
        ask("search for an actor", f"{place}/resource-changes/?days=all&q=user7@contoso.com")
        ask("search with two words", f"{place}/resource-changes/?days=all&q=rg-7+resource77")


if __name__ == "__main__":
    main()
