"""Create functions and triggers that decide which data is old and uncited, and the only function that deletes such
data.

`retention_delete` runs with the rights of the tables' owner (SECURITY DEFINER). The tables also enforce row-level
security for their owner (FORCE), so the function reaches only the tenants of the open scope. The function itself checks
legal holds, the policy, the minimum period and citations, so the application cannot make it delete more. The migration
revokes the right to DELETE on the tables from the application's role.
"""

from django.db import connections, migrations
from django.db.utils import DEFAULT_DB_ALIAS

from tenants.append_only import revoke_changes

TABLES = (
    "assessments_evidenceitem",
    "assessments_resourceversion",
    "assessments_findingchange",
    "assessments_assessment",
    "assessments_unit",
    "reports_report",
    "retention_legalhold",
)

POLICY = """
CREATE FUNCTION retention_minimum(p_kind text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE p_kind WHEN 'evidence' THEN 90 WHEN 'versions' THEN 90 WHEN 'changes' THEN 180
        WHEN 'assessments' THEN 180 WHEN 'reports' THEN 365 WHEN 'notices' THEN 30 WHEN 'sessions' THEN 1 END
$$;
CREATE FUNCTION retention_default(p_kind text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE p_kind WHEN 'evidence' THEN 400 WHEN 'versions' THEN 400 WHEN 'changes' THEN 1100
        WHEN 'assessments' THEN 1100 WHEN 'reports' THEN 2557 WHEN 'notices' THEN 180 WHEN 'sessions' THEN 30 END
$$;

-- The days that are in effect at a moment; NULL keeps the data without limit.
CREATE FUNCTION retention_organization_days(p_organization uuid, p_kind text, p_at timestamptz) RETURNS integer
LANGUAGE plpgsql STABLE AS $$
DECLARE
    rule record;
BEGIN
    SELECT r.mode, r.days INTO rule FROM retention_organizationretentionrule r
    WHERE r.organization_id = p_organization AND r.kind = p_kind AND r.effective_at <= p_at
      AND NOT EXISTS (SELECT 1 FROM retention_organizationretentionrule n
                      WHERE n.organization_id = r.organization_id AND n.kind = r.kind
                        AND n.decided_at > r.decided_at AND n.decided_at < r.effective_at)
    ORDER BY r.decided_at DESC LIMIT 1;
    IF NOT FOUND OR rule.mode = 'default' THEN
        RETURN retention_default(p_kind);
    END IF;
    RETURN rule.days;
END $$;
CREATE FUNCTION retention_days(p_tenant uuid, p_kind text, p_at timestamptz) RETURNS integer
LANGUAGE plpgsql STABLE AS $$
DECLARE
    rule record;
BEGIN
    SELECT r.mode, r.days INTO rule FROM retention_retentionrule r
    WHERE r.tenant_id = p_tenant AND r.kind = p_kind AND r.effective_at <= p_at
      AND NOT EXISTS (SELECT 1 FROM retention_retentionrule n
                      WHERE n.tenant_id = r.tenant_id AND n.kind = r.kind
                        AND n.decided_at > r.decided_at AND n.decided_at < r.effective_at)
    ORDER BY r.decided_at DESC LIMIT 1;
    IF NOT FOUND OR rule.mode = 'default' THEN
        RETURN retention_organization_days(
            (SELECT k.organization_id FROM tenants_tenantkey k WHERE k.tenant_id = p_tenant), p_kind, p_at);
    END IF;
    RETURN rule.days;
END $$;

-- The database sets the times of a decision, so that SQL of the application cannot shorten a period at once.
CREATE FUNCTION retention_guard_rule() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    present integer;
    wanted integer;
BEGIN
    IF retention_minimum(NEW.kind) IS NULL
       OR NEW.mode = 'days' AND (NEW.days < retention_minimum(NEW.kind) OR NEW.days > 36500)
    THEN
        RAISE EXCEPTION 'retention_guard_rule: unknown kind, or days below the minimum'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'retention_guard_rule';
    END IF;
    NEW.decided_at := clock_timestamp();
    IF TG_TABLE_NAME = 'retention_retentionrule' THEN
        present := retention_days(NEW.tenant_id, NEW.kind, NEW.decided_at);
        wanted := CASE NEW.mode WHEN 'days' THEN NEW.days WHEN 'default' THEN retention_organization_days(
            (SELECT k.organization_id FROM tenants_tenantkey k WHERE k.tenant_id = NEW.tenant_id),
            NEW.kind, NEW.decided_at) END;
    ELSE
        present := retention_organization_days(NEW.organization_id, NEW.kind, NEW.decided_at);
        wanted := CASE NEW.mode WHEN 'days' THEN NEW.days WHEN 'default' THEN retention_default(NEW.kind) END;
    END IF;
    NEW.effective_at := NEW.decided_at;
    IF wanted IS NOT NULL AND (present IS NULL OR wanted < present) THEN
        NEW.effective_at := NEW.decided_at + interval '168 hours';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER retention_guard_rule BEFORE INSERT ON retention_retentionrule
    FOR EACH ROW EXECUTE FUNCTION retention_guard_rule();
CREATE TRIGGER retention_guard_rule BEFORE INSERT ON retention_organizationretentionrule
    FOR EACH ROW EXECUTE FUNCTION retention_guard_rule();

CREATE FUNCTION retention_guard_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.placed_at := clock_timestamp();
        NEW.lifted_at := NULL;
        RETURN NEW;
    END IF;
    IF OLD.lifted_at IS NOT NULL OR NEW.lifted_at IS NULL
       OR (NEW.id, NEW.tenant_id, NEW.reason, NEW.placed_by_id, NEW.placed_at)
          IS DISTINCT FROM (OLD.id, OLD.tenant_id, OLD.reason, OLD.placed_by_id, OLD.placed_at)
    THEN
        RAISE EXCEPTION 'retention_guard_hold: a hold can only be lifted, once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'retention_guard_hold';
    END IF;
    NEW.lifted_at := clock_timestamp();
    RETURN NEW;
END $$;
CREATE TRIGGER retention_guard_hold BEFORE INSERT OR UPDATE ON retention_legalhold
    FOR EACH ROW EXECUTE FUNCTION retention_guard_hold();
"""
NO_POLICY = """
DROP TRIGGER retention_guard_hold ON retention_legalhold;
DROP FUNCTION retention_guard_hold();
DROP TRIGGER retention_guard_rule ON retention_organizationretentionrule;
DROP TRIGGER retention_guard_rule ON retention_retentionrule;
DROP FUNCTION retention_guard_rule();
DROP FUNCTION retention_days(uuid, text, timestamptz);
DROP FUNCTION retention_organization_days(uuid, text, timestamptz);
DROP FUNCTION retention_default(text);
DROP FUNCTION retention_minimum(text);
"""

ROWS = """
-- Return the reason with this rank why a row is kept. If a row has several reasons, the lowest rank counts.
CREATE FUNCTION retention_reason(p_rank integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT COALESCE((ARRAY['open_finding', 'exception', 'report', 'current', 'period', 'details'])[p_rank], '')
$$;

-- Return the number of the last assessment before the newest assessment of all subscriptions and directories. Pages and
-- reports need all assessments from this number on.
CREATE FUNCTION retention_last_needed(p_tenant uuid) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT COALESCE(
        (SELECT max(b.number) FROM assessments_assessment b
         WHERE b.tenant_id = p_tenant AND b.ended_at IS NOT NULL AND b.number < w.number),
        w.number, 0)
    FROM (SELECT max(a.number) AS number FROM assessments_assessment a
          WHERE a.tenant_id = p_tenant AND a."only" = '[]' AND a.ended_at IS NOT NULL AND a.summary <> '{}') w
$$;

-- The hashes of the evidence that the manifest of a unit cites (assessments.actions.units.manifest).
CREATE FUNCTION retention_cited_by(p_manifest jsonb) RETURNS SETOF text LANGUAGE sql IMMUTABLE AS $$
    SELECT h.sha #>> '{}' FROM (
        SELECT jsonb_path_query(p_manifest, '$.answers.*.*[*][1][*]') AS sha
        UNION ALL
        SELECT jsonb_path_query(p_manifest, '$.lists[*]')) h
$$;

-- The units whose evidence is needed, with the rank of the reason. A unit can occur several times.
CREATE FUNCTION retention_kept_units(p_tenant uuid, p_before timestamptz)
RETURNS TABLE (kept_unit uuid, kept_assessment uuid, kept_manifest uuid, kept_rank integer)
LANGUAGE sql STABLE AS $$
    WITH every AS MATERIALIZED (
        SELECT u.id, u.assessment_id, u.manifest_id, u.kind, u.azure_id, u.state, u.ended_at, a.number,
               a.ended_at AS closed_at,
               CASE u.kind WHEN 'directory' THEN 'directory:' ELSE '/subscriptions/' END || u.azure_id AS place
        FROM assessments_unit u JOIN assessments_assessment a ON a.id = u.assessment_id
        WHERE u.tenant_id = p_tenant AND a.tenant_id = p_tenant
    ), judged AS MATERIALIZED (
        SELECT e.*, lead(e.number) OVER w AS next_number, lead(e.ended_at) OVER w AS next_ended_at
        FROM every e WHERE e.state IN ('done', 'failed')
        WINDOW w AS (PARTITION BY e.kind, e.azure_id ORDER BY e.number)
    ), reported AS (
        SELECT DISTINCT a.id, a.number FROM reports_report r JOIN assessments_assessment a ON a.id = r.assessment_id
        WHERE r.tenant_id = p_tenant AND r.state IN ('building', 'ready')
    ), excepted AS (
        SELECT DISTINCT f.unit, COALESCE(i.approved_at, e.requested_at) AS at
        FROM treatment_exceptionitem i
        JOIN treatment_findingexception e ON e.id = i.exception_id
        JOIN assessments_finding f ON f.id = i.finding_id
        WHERE i.tenant_id = p_tenant
    )
    SELECT j.id, j.assessment_id, j.manifest_id, 2 FROM judged j JOIN excepted x
        ON x.unit = j.place AND j.ended_at <= x.at AND (j.next_ended_at IS NULL OR x.at < j.next_ended_at)
    UNION ALL
    SELECT j.id, j.assessment_id, j.manifest_id, 3 FROM judged j JOIN reported r
        ON j.number <= r.number AND (j.next_number IS NULL OR r.number < j.next_number)
    UNION ALL
    SELECT e.id, e.assessment_id, e.manifest_id, 3 FROM every e JOIN reported r ON r.id = e.assessment_id
    UNION ALL
    SELECT j.id, j.assessment_id, j.manifest_id, 4 FROM judged j WHERE j.next_number IS NULL
    UNION ALL
    SELECT e.id, e.assessment_id, e.manifest_id, 4 FROM every e WHERE e.number >= retention_last_needed(p_tenant)
    UNION ALL
    SELECT e.id, e.assessment_id, e.manifest_id, 5 FROM every e
        WHERE e.closed_at IS NULL OR e.closed_at >= p_before
$$;

-- The rows of a kind that are older than p_before, each with the reason why it is kept; '' means that it may be deleted.
CREATE FUNCTION retention_rows(p_tenant uuid, p_kind text, p_before timestamptz)
RETURNS TABLE (row_id uuid, row_at timestamptz, row_bytes bigint, row_cited text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF p_kind = 'evidence' THEN
        RETURN QUERY
        WITH old AS MATERIALIZED (
            SELECT i.id, i.sha256, i.collected_at, pg_column_size(i.content)::bigint AS bytes
            FROM assessments_evidenceitem i WHERE i.tenant_id = p_tenant AND i.collected_at < p_before
        ), manifests AS MATERIALIZED (
            SELECT k.kept_manifest AS id, min(k.kept_rank) AS rank FROM retention_kept_units(p_tenant, p_before) k
            WHERE k.kept_manifest IS NOT NULL GROUP BY k.kept_manifest
        ), cites AS (
            SELECT h.sha, CASE f.state WHEN 'open' THEN 1 ELSE 4 END AS rank
            FROM assessments_finding f CROSS JOIN LATERAL unnest(f.evidence) AS h(sha) WHERE f.tenant_id = p_tenant
            UNION ALL
            SELECT h.sha, m.rank FROM manifests m
            JOIN assessments_evidenceitem i ON i.id = m.id
            CROSS JOIN LATERAL retention_cited_by(i.content) AS h(sha)
        ), cited AS (
            SELECT o.id, min(c.rank) AS rank FROM cites c JOIN old o ON o.sha256 = c.sha GROUP BY o.id
        )
        SELECT o.id, o.collected_at, o.bytes, retention_reason(LEAST(c.rank, m.rank))
        FROM old o LEFT JOIN cited c ON c.id = o.id LEFT JOIN manifests m ON m.id = o.id;
    ELSIF p_kind = 'versions' THEN
        RETURN QUERY
        WITH spans AS (
            SELECT v.id, v.at, v.resource_id, pg_column_size(v.content)::bigint AS bytes,
                   lead(v.at) OVER (PARTITION BY v.resource_id ORDER BY v.at, v.id) AS next_at
            FROM assessments_resourceversion v WHERE v.tenant_id = p_tenant
        ), old AS MATERIALIZED (
            SELECT s.*, r.ref FROM spans s JOIN assessments_resource r ON r.id = s.resource_id
            WHERE s.at < p_before AND (s.next_at IS NULL OR s.next_at < p_before)
        ), moments AS (
            SELECT f.subject_ref AS ref, f.failing_since AS at, 1 AS rank FROM assessments_finding f
            WHERE f.tenant_id = p_tenant AND f.state = 'open' AND f.failing_since IS NOT NULL
            UNION
            SELECT f.subject_ref, COALESCE(i.approved_at, e.requested_at), 2
            FROM treatment_exceptionitem i
            JOIN treatment_findingexception e ON e.id = i.exception_id
            JOIN assessments_finding f ON f.id = i.finding_id
            WHERE i.tenant_id = p_tenant
        )
        SELECT o.id, o.at, o.bytes,
               retention_reason(LEAST(min(m.rank), CASE WHEN o.next_at IS NULL THEN 4 END))
        FROM old o LEFT JOIN moments m ON m.ref = o.ref AND m.at >= o.at AND m.at < o.next_at
        GROUP BY o.id, o.at, o.bytes, o.next_at;
    ELSIF p_kind = 'changes' THEN
        RETURN QUERY
        WITH every AS (
            SELECT c.id, c.at, c.finding_id, c.assessment_id, c.before_outcome <> c.after_outcome AS is_verdict,
                   c.after_outcome IN ('fail', 'unknown') AS is_failing, pg_column_size(c.*)::bigint AS bytes,
                   a.number
            FROM assessments_findingchange c JOIN assessments_assessment a ON a.id = c.assessment_id
            WHERE c.tenant_id = p_tenant
        ), ordered AS (
            -- A change of verdict shows since when the finding has its verdict. It is needed until a later change of
            -- verdict is old too. If the finding fails or is unknown after the change, the change is needed until a later
            -- change that ends the failure is old too.
            SELECT v.*, lead(v.at) OVER w AS next_at,
                   COALESCE(bool_or(v.is_verdict AND v.at < p_before) OVER later, false) AS is_replaced,
                   COALESCE(bool_or(v.is_verdict AND NOT v.is_failing AND v.at < p_before) OVER later, false) AS is_ended
            FROM every v
            WINDOW w AS (PARTITION BY v.finding_id ORDER BY v.number),
                   later AS (w ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
        ), excepted AS (
            SELECT DISTINCT i.finding_id FROM treatment_exceptionitem i
            JOIN treatment_findingexception e ON e.id = i.exception_id
            WHERE i.tenant_id = p_tenant AND e.state IN ('requested', 'approved', 'active', 'returned')
        ), reported AS (
            SELECT DISTINCT r.assessment_id FROM reports_report r
            WHERE r.tenant_id = p_tenant AND r.state IN ('building', 'ready')
        ), ranked AS (
            SELECT e.id, e.at, e.bytes, e.finding_id, e.number, e.is_verdict, LEAST(
                CASE WHEN e.is_verdict AND NOT (e.is_replaced AND (e.is_ended OR NOT e.is_failing))
                     THEN CASE WHEN e.is_failing AND e.next_at < p_before THEN 1 ELSE 4 END END,
                CASE WHEN x.finding_id IS NOT NULL THEN 2 END,
                CASE WHEN r.assessment_id IS NOT NULL THEN 3 END,
                CASE WHEN e.next_at IS NULL OR e.next_at >= p_before THEN 4 END) AS rank
            FROM ordered e LEFT JOIN excepted x ON x.finding_id = e.finding_id
            LEFT JOIN reported r ON r.assessment_id = e.assessment_id
            WHERE e.at < p_before
        )
        -- A change of verdict after a kept one is kept too: a failure would seem to last if only its end were deleted.
        SELECT k.id, k.at, k.bytes, retention_reason(COALESCE(k.rank, CASE WHEN k.is_verdict THEN
            min(k.rank) FILTER (WHERE k.is_verdict) OVER (
                PARTITION BY k.finding_id ORDER BY k.number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) END))
        FROM ranked k;
    ELSIF p_kind = 'assessments' THEN
        RETURN QUERY
        WITH kept AS (
            SELECT k.kept_assessment AS id, min(k.kept_rank) AS rank FROM retention_kept_units(p_tenant, p_before) k
            GROUP BY k.kept_assessment
        ), sizes AS (
            SELECT u.assessment_id AS id, sum(pg_column_size(u.*)) AS bytes FROM assessments_unit u
            WHERE u.tenant_id = p_tenant GROUP BY u.assessment_id
        )
        SELECT a.id, a.ended_at, (pg_column_size(a.*) + COALESCE(s.bytes, 0))::bigint, retention_reason(LEAST(
            k.rank,
            CASE WHEN EXISTS (SELECT 1 FROM reports_report r WHERE r.assessment_id = a.id) THEN 3 END,
            CASE WHEN a.number >= retention_last_needed(p_tenant) THEN 4 END,
            CASE WHEN EXISTS (SELECT 1 FROM assessments_findingchange c WHERE c.assessment_id = a.id)
                   OR EXISTS (SELECT 1 FROM assessments_resourceversion v WHERE v.assessment_id = a.id) THEN 6 END))
        FROM assessments_assessment a LEFT JOIN kept k ON k.id = a.id LEFT JOIN sizes s ON s.id = a.id
        WHERE a.tenant_id = p_tenant AND a.ended_at < p_before;
    ELSIF p_kind = 'reports' THEN
        RETURN QUERY
        SELECT r.id, r.created_at, r.size, CASE WHEN r.state = 'ready' AND NOT EXISTS (
                SELECT 1 FROM reports_report n WHERE n.tenant_id = p_tenant AND n.state = 'ready'
                  AND n.framework = r.framework AND n.without_names = r.without_names AND n.number > r.number)
            THEN 'current' ELSE '' END
        FROM reports_report r
        WHERE r.tenant_id = p_tenant AND r.state IN ('ready', 'failed') AND r.created_at < p_before;
    END IF;
END $$;
"""
NO_ROWS = """
DROP FUNCTION retention_rows(uuid, text, timestamptz);
DROP FUNCTION retention_kept_units(uuid, timestamptz);
DROP FUNCTION retention_cited_by(jsonb);
DROP FUNCTION retention_last_needed(uuid);
DROP FUNCTION retention_reason(integer);
"""

DELETE = """
CREATE FUNCTION retention_refuse(p_tenant uuid, p_kind text, p_before timestamptz) RETURNS void
LANGUAGE plpgsql STABLE AS $$
DECLARE
    days integer;
BEGIN
    IF p_kind IS NULL OR p_kind NOT IN ('evidence', 'versions', 'changes', 'assessments', 'reports') THEN
        RAISE EXCEPTION 'retention_floor: this kind is not deleted by this function'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'retention_floor';
    END IF;
    IF EXISTS (SELECT 1 FROM retention_legalhold h WHERE h.tenant_id = p_tenant
               AND (h.lifted_at IS NULL OR h.lifted_at > clock_timestamp() - interval '168 hours')) THEN
        RAISE EXCEPTION 'retention_on_hold: the customer is on hold'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'retention_on_hold';
    END IF;
    days := retention_days(p_tenant, p_kind, clock_timestamp());
    -- NULL <= x is unknown, which IS NOT TRUE.
    IF (p_before <= clock_timestamp() - make_interval(hours => 24 * GREATEST(days, retention_minimum(p_kind))))
       IS NOT TRUE OR days IS NULL THEN
        RAISE EXCEPTION 'retention_floor: the policy of the customer keeps newer data'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'retention_floor';
    END IF;
    -- An export or a report that is being written may still read the data.
    IF EXISTS (SELECT 1 FROM leaving_customerexport x WHERE x.tenant_id = p_tenant
               AND x.state IN ('waiting', 'running') AND x.created_at > clock_timestamp() - interval '24 hours')
       OR EXISTS (SELECT 1 FROM reports_report r WHERE r.tenant_id = p_tenant AND r.state = 'building'
                  AND r.created_at > clock_timestamp() - interval '24 hours') THEN
        RAISE EXCEPTION 'retention_busy: an export or report of the customer is being written'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'retention_busy';
    END IF;
END $$;

-- Delete at most p_limit rows of a kind that are older than p_before, and that nothing cites.
CREATE FUNCTION retention_delete(p_tenant uuid, p_kind text, p_before timestamptz, p_limit integer)
RETURNS TABLE (deleted_rows bigint, deleted_bytes bigint, deleted_oldest timestamptz, deleted_files text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_started timestamptz := clock_timestamp();
    v_ids uuid[];
    v_files text[] := '{}';
    v_number integer;
BEGIN
    PERFORM retention_refuse(p_tenant, p_kind, p_before);
    IF p_kind = 'evidence' THEN
        -- Reading all manifests takes long, so it happens before the lock that makes assessments wait.
        v_ids := ARRAY(SELECT r.row_id FROM retention_rows(p_tenant, p_kind, p_before) r
                       WHERE r.row_cited = '' ORDER BY r.row_id LIMIT p_limit);
    END IF;
    -- This is the lock `tenants.locks.Lock.VERDICTS`: no assessment writes results meanwhile.
    PERFORM pg_advisory_xact_lock(hashtextextended(p_tenant::text, 7));
    -- Placing a legal hold, and requesting a report on an old assessment, take conflicting locks. So both either wait for
    -- this transaction, or are seen by the next check.
    PERFORM 1 FROM tenants_tenant t WHERE t.id = p_tenant FOR SHARE;
    PERFORM 1 FROM assessments_assessment a WHERE a.tenant_id = p_tenant AND a.ended_at < p_before
        ORDER BY a.id FOR NO KEY UPDATE;
    PERFORM retention_refuse(p_tenant, p_kind, p_before);
    IF p_kind <> 'evidence' THEN
        -- The oldest rows first, so that a run that stops leaves no gap in a history.
        v_ids := ARRAY(SELECT r.row_id FROM retention_rows(p_tenant, p_kind, p_before) r
                       WHERE r.row_cited = '' ORDER BY r.row_at, r.row_id LIMIT p_limit);
    ELSE
        -- Look again at everything that may have been written since the list was made.
        v_ids := ARRAY(
            WITH kept AS MATERIALIZED (
                SELECT DISTINCT k.kept_manifest AS id FROM retention_kept_units(p_tenant, p_before) k
                JOIN assessments_unit u ON u.id = k.kept_unit
                WHERE k.kept_manifest IS NOT NULL
                  AND (k.kept_rank < 5 OR u.ended_at IS NULL OR u.ended_at >= v_started - interval '10 minutes')
            )
            SELECT i.id FROM assessments_evidenceitem i
            WHERE i.tenant_id = p_tenant AND i.id = ANY(v_ids)
              AND i.id NOT IN (SELECT k.id FROM kept k)
              AND i.sha256 NOT IN (SELECT h.sha FROM assessments_finding f
                                   CROSS JOIN LATERAL unnest(f.evidence) AS h(sha) WHERE f.tenant_id = p_tenant)
              AND i.sha256 NOT IN (SELECT h.sha FROM kept k JOIN assessments_evidenceitem m ON m.id = k.id
                                   CROSS JOIN LATERAL retention_cited_by(m.content) AS h(sha))
            ORDER BY i.id);
    END IF;
    SELECT count(*), COALESCE(sum(r.row_bytes), 0), min(r.row_at)
    INTO deleted_rows, deleted_bytes, deleted_oldest
    FROM retention_sizes(p_tenant, p_kind, v_ids) r;
    PERFORM set_config('surety.retention', 'on', true);
    IF p_kind = 'evidence' AND deleted_rows > 0 THEN
        UPDATE assessments_assessment a SET details_deleted_at = clock_timestamp()
        WHERE a.tenant_id = p_tenant AND a.details_deleted_at IS NULL AND a.id IN (
            SELECT u.assessment_id FROM assessments_unit u WHERE u.tenant_id = p_tenant AND u.manifest_id IS NOT NULL
              AND u.id NOT IN (SELECT k.kept_unit FROM retention_kept_units(p_tenant, p_before) k));
        UPDATE assessments_unit u SET manifest_id = NULL
        WHERE u.tenant_id = p_tenant AND u.manifest_id IS NOT NULL
          AND u.id NOT IN (SELECT k.kept_unit FROM retention_kept_units(p_tenant, p_before) k);
        DELETE FROM assessments_evidenceitem i WHERE i.tenant_id = p_tenant AND i.id = ANY(v_ids);
    ELSIF p_kind = 'versions' THEN
        DELETE FROM assessments_resourceversion v WHERE v.tenant_id = p_tenant AND v.id = ANY(v_ids);
    ELSIF p_kind = 'changes' AND deleted_rows > 0 THEN
        -- Past verdicts can be reconstructed from the first kept change on that begins or ends a failure, and past values
        -- from the next change on. So mark all earlier assessments.
        WITH deletable AS MATERIALIZED (
            SELECT r.row_id FROM retention_rows(p_tenant, p_kind, p_before) r WHERE r.row_cited = ''
        ), every AS (
            SELECT c.id, c.finding_id, a.number, c.before_outcome <> c.after_outcome AS is_verdict,
                   c.id IN (SELECT d.row_id FROM deletable d) AS is_deletable,
                   c.after_outcome NOT IN ('fail', 'unknown') OR c.before_outcome NOT IN ('fail', 'unknown') AS is_edge
            FROM assessments_findingchange c JOIN assessments_assessment a ON a.id = c.assessment_id
            WHERE c.tenant_id = p_tenant
        ), following AS (
            SELECT e.id, e.is_verdict, lead(e.number) OVER w AS next_number,
                   min(e.number) FILTER (WHERE e.is_verdict AND e.is_edge AND NOT e.is_deletable) OVER (
                       w ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS next_edge
            FROM every e WINDOW w AS (PARTITION BY e.finding_id ORDER BY e.number)
        )
        SELECT max(CASE WHEN f.is_verdict THEN f.next_edge ELSE f.next_number END) INTO v_number
        FROM following f WHERE f.id = ANY(v_ids);
        UPDATE assessments_assessment a SET details_deleted_at = clock_timestamp()
        WHERE a.tenant_id = p_tenant AND a.details_deleted_at IS NULL AND a.number < v_number;
        DELETE FROM assessments_findingchange c WHERE c.tenant_id = p_tenant AND c.id = ANY(v_ids);
    ELSIF p_kind = 'assessments' THEN
        DELETE FROM assessments_unit u WHERE u.tenant_id = p_tenant AND u.assessment_id = ANY(v_ids);
        DELETE FROM assessments_assessment a WHERE a.tenant_id = p_tenant AND a.id = ANY(v_ids);
    ELSIF p_kind = 'reports' THEN
        WITH gone AS (
            DELETE FROM reports_report r WHERE r.tenant_id = p_tenant AND r.id = ANY(v_ids) RETURNING r.file
        )
        SELECT COALESCE(array_agg(g.file), '{}') INTO v_files FROM gone g WHERE g.file <> '';
    END IF;
    PERFORM set_config('surety.retention', '', true);
    deleted_files := v_files;
    RETURN NEXT;
END $$;

-- The rows of a list, with their times and sizes.
CREATE FUNCTION retention_sizes(p_tenant uuid, p_kind text, p_ids uuid[])
RETURNS TABLE (row_at timestamptz, row_bytes bigint) LANGUAGE sql STABLE AS $$
    SELECT i.collected_at, pg_column_size(i.content)::bigint FROM assessments_evidenceitem i
        WHERE p_kind = 'evidence' AND i.tenant_id = p_tenant AND i.id = ANY(p_ids)
    UNION ALL SELECT v.at, pg_column_size(v.content)::bigint FROM assessments_resourceversion v
        WHERE p_kind = 'versions' AND v.tenant_id = p_tenant AND v.id = ANY(p_ids)
    UNION ALL SELECT c.at, pg_column_size(c.*)::bigint FROM assessments_findingchange c
        WHERE p_kind = 'changes' AND c.tenant_id = p_tenant AND c.id = ANY(p_ids)
    UNION ALL SELECT a.ended_at, pg_column_size(a.*) + COALESCE((SELECT sum(pg_column_size(u.*))
            FROM assessments_unit u WHERE u.assessment_id = a.id), 0)::bigint
        FROM assessments_assessment a WHERE p_kind = 'assessments' AND a.tenant_id = p_tenant AND a.id = ANY(p_ids)
    UNION ALL SELECT r.created_at, r.size FROM reports_report r
        WHERE p_kind = 'reports' AND r.tenant_id = p_tenant AND r.id = ANY(p_ids)
$$;

-- Nobody may delete changes of ended assessments, not even the owner of the tables, except in retention_delete.
CREATE OR REPLACE FUNCTION assessments_guard_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('surety.retention', true) = 'on'
       AND current_user = (SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = TG_RELID)
    THEN
        RETURN OLD;
    END IF;
    IF NOT EXISTS (SELECT 1 FROM assessments_assessment a
                   WHERE a.id = OLD.assessment_id AND a.state IN ('queued', 'running'))
       OR TG_OP = 'UPDATE' AND (NEW.id, NEW.tenant_id, NEW.finding_id, NEW.assessment_id)
                               IS DISTINCT FROM (OLD.id, OLD.tenant_id, OLD.finding_id, OLD.assessment_id)
    THEN
        RAISE EXCEPTION 'the changes that an ended assessment found remain as they are'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
"""
NO_DELETE = """
CREATE OR REPLACE FUNCTION assessments_guard_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM assessments_assessment a
                   WHERE a.id = OLD.assessment_id AND a.state IN ('queued', 'running'))
       OR TG_OP = 'UPDATE' AND (NEW.id, NEW.tenant_id, NEW.finding_id, NEW.assessment_id)
                               IS DISTINCT FROM (OLD.id, OLD.tenant_id, OLD.finding_id, OLD.assessment_id)
    THEN
        RAISE EXCEPTION 'the changes that an ended assessment found remain as they are'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
DROP FUNCTION retention_sizes(uuid, text, uuid[]);
DROP FUNCTION retention_delete(uuid, text, timestamptz, integer);
DROP FUNCTION retention_refuse(uuid, text, timestamptz);
"""

# A running assessment can change a finding and change it back. It then deletes the recorded change, because the finding
# has the same verdict and value as before the assessment. So the application's role keeps the right to DELETE on this
# table.
_CHANGES_OF_RUNNING_ASSESSMENTS = "assessments_findingchange"


def restrict(apps, schema_editor):
    """Let only the application's role call the deleting function; let only this function delete from the tables."""
    role = _application_role(schema_editor)
    if role is None:
        return
    for table in TABLES:
        if table != _CHANGES_OF_RUNNING_ASSESSMENTS:
            schema_editor.execute(f"REVOKE DELETE ON {schema_editor.quote_name(table)} FROM {role}")
    function = "retention_delete(uuid, text, timestamptz, integer)"
    schema_editor.execute(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC")
    schema_editor.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {role}")


def permit(apps, schema_editor):
    role = _application_role(schema_editor)
    if role is not None:
        for table in TABLES:
            schema_editor.execute(f"GRANT DELETE ON {schema_editor.quote_name(table)} TO {role}")


def _application_role(schema_editor):
    role = connections[DEFAULT_DB_ALIAS].settings_dict["USER"]
    owner = schema_editor.connection.settings_dict["USER"]
    # Set-up refuses a role that owns the tables, because an owner's rights cannot be revoked.
    return schema_editor.quote_name(role) if role and role != owner else None


class Migration(migrations.Migration):
    dependencies = [
        ("retention", "0001_initial"),
        ("assessments", "0022_assessment_details_deleted_at"),
        ("treatment", "0027_treatment_change_triggers"),
        ("reports", "0006_report_without_names"),
        ("leaving", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(POLICY, NO_POLICY),
        migrations.RunSQL(ROWS, NO_ROWS),
        migrations.RunSQL(DELETE, NO_DELETE),
        migrations.RunPython(restrict, permit),
        revoke_changes("retention_retentionrule", "retention_organizationretentionrule"),
    ]
