"""SQL statements with the parameter `tenant`. RESOURCES writes very many resources of a tenant; its second parameter is
`resources`. COUNTS then writes how many resources there are of each type and location.
"""

RESOURCES = """
INSERT INTO assessments_resource (
  id, tenant_id, resource_id, key, type, name, location, unit, resource_group, tags, sha256, first_seen_at, changed_at)
SELECT uuidv7(), %(tenant)s, scope || '/resourceGroups/rg-' || n %% 20 || '/providers/' || type || '/resource' || n,
  encode(sha256(convert_to(scope || n, 'UTF8')), 'hex'), type, 'resource' || n,
  (ARRAY['westeurope', 'northeurope', 'eastus', 'uksouth'])[1 + n %% 4], scope, 'rg-' || n %% 20, '{}',
  encode(sha256(convert_to('c' || n, 'UTF8')), 'hex'), now(), now()
FROM (SELECT n, '/subscriptions/0000000' || n %% 3 || '-1111-4111-8111-111111111111' AS scope,
    'Microsoft.Type' || n / 3 %% 60 || '/things' AS type
  FROM generate_series(1, %(resources)s) n) x
"""
COUNTS = """
INSERT INTO assessments_resourcecount (id, tenant_id, unit, type, location, resources)
SELECT uuidv7(), tenant_id, unit, lower(type), location, count(*)
FROM assessments_resource WHERE tenant_id = %(tenant)s GROUP BY 2, 3, 4, 5
"""
