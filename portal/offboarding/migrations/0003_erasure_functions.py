"""Functions of the tables' owner that erase a customer or pseudonymise a person. For these functions, triggers permit
changes of rows that are otherwise final.

The application's role can neither change nor delete certain rows: journal entries, timelines, decided exceptions, and
the changes of findings in ended assessments. These functions can do both, but only for an erasure that two different
people have confirmed. Row-level security binds the owner too, so the functions set the scope themselves, and restore
the caller's scope at the end.
"""

from django.db import DEFAULT_DB_ALIAS, connections, migrations

GUARD = """
CREATE FUNCTION leaving_guard_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    me uuid := NULLIF(current_setting('surety.person', true), '')::uuid;
    broken text;
BEGIN
    IF TG_OP = 'DELETE' THEN
        broken := 'it stays in the register';
    ELSIF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'requested' OR NEW.subject IS NULL OR NEW.confirmed_at IS NOT NULL
           OR NEW.confirmed_by_id IS NOT NULL OR NEW.started_at IS NOT NULL OR NEW.needles IS NOT NULL THEN
            broken := 'it starts as a request';
        ELSIF NEW.requested_by_id IS DISTINCT FROM me THEN
            broken := 'it is requested by the person of the scope';
        ELSIF me IS NOT NULL AND NOT tenants_changes_access(me, NEW.organization_id, NULL) THEN
            broken := 'only administrators of the organization request it';
        ELSIF NEW.kind = 'customer' AND NOT EXISTS (
            SELECT FROM tenants_tenant t WHERE t.id = NEW.subject AND t.organization_id = NEW.organization_id
                                           AND t.archived_at IS NOT NULL) THEN
            broken := 'only an archived customer of the organization is erased';
        ELSIF NEW.kind = 'person' AND NOT EXISTS (
            SELECT FROM tenants_membership m
            WHERE m.person_id = NEW.subject AND m.organization_id = NEW.organization_id) THEN
            broken := 'only a person of the organization is pseudonymised';
        END IF;
    ELSIF (NEW.id, NEW.organization_id, NEW.kind, NEW.pseudonym, NEW.requested_by_id, NEW.requested_at)
          IS DISTINCT FROM
          (OLD.id, OLD.organization_id, OLD.kind, OLD.pseudonym, OLD.requested_by_id, OLD.requested_at) THEN
        broken := 'the request does not change';
    ELSIF (NEW.subject, NEW.needles) IS DISTINCT FROM (OLD.subject, OLD.needles)
          AND NOT leaving_permits(OLD.organization_id) THEN
        broken := 'only its functions change the subject and what is searched for';
    ELSIF (NEW.confirmed_by_id, NEW.confirmed_at, NEW.not_before)
          IS DISTINCT FROM (OLD.confirmed_by_id, OLD.confirmed_at, OLD.not_before)
          AND (OLD.state <> 'requested' OR NEW.state <> 'confirmed' OR NEW.confirmed_at IS NULL
               OR NEW.confirmed_by_id IS DISTINCT FROM me
               OR NEW.confirmed_by_id IS NOT DISTINCT FROM NEW.requested_by_id
               OR me IS NOT NULL AND NOT tenants_changes_access(me, NEW.organization_id, NULL)) THEN
        broken := 'a second administrator confirms it';
    ELSIF NEW.state <> OLD.state AND NOT (CASE OLD.state
        WHEN 'requested' THEN NEW.state IN ('confirmed', 'withdrawn')
        WHEN 'confirmed' THEN NEW.state = 'withdrawn'
                              OR NEW.state = 'running' AND COALESCE(NEW.not_before <= clock_timestamp(), true)
        WHEN 'running' THEN NEW.state = 'done'
        ELSE false
    END) THEN
        broken := 'this step is not possible';
    END IF;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'leaving_erasure_guard: %', broken
            USING ERRCODE = 'check_violation', CONSTRAINT = 'leaving_erasure_guard';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER leaving_guard_erasure BEFORE INSERT OR UPDATE OR DELETE ON leaving_erasure
    FOR EACH ROW EXECUTE FUNCTION leaving_guard_erasure();
"""
NO_GUARD = """
DROP TRIGGER leaving_guard_erasure ON leaving_erasure;
DROP FUNCTION leaving_guard_erasure();
"""

# The setting `surety.erasing` alone is no protection, because the application's role can set it. So this function also
# requires that the current user is the owner of the tables. Inside the functions below, this is the case. Otherwise, the
# application's role cannot become the owner.
PERMITS = """
CREATE FUNCTION leaving_permits(place uuid) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT COALESCE(place::text = ANY(string_to_array(current_setting('surety.erasing', true), ',')), false)
       AND current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class
                           WHERE oid = 'public.leaving_erasure'::regclass)
$$;
"""
NO_PERMITS = "DROP FUNCTION leaving_permits(uuid);"

# Change only the conditions of the triggers. Do not repeat their functions here, because other migrations may replace
# them.
TRIGGERS = """
CREATE OR REPLACE TRIGGER tenants_journal_only_grows BEFORE UPDATE OR DELETE ON tenants_journalentry
    FOR EACH ROW WHEN (NOT leaving_permits(OLD.tenant_id)) EXECUTE FUNCTION tenants_journal_only_grows();
CREATE OR REPLACE TRIGGER tenants_journal_only_grows BEFORE UPDATE OR DELETE ON tenants_organizationjournalentry
    FOR EACH ROW WHEN (NOT leaving_permits(OLD.organization_id)) EXECUTE FUNCTION tenants_journal_only_grows();
CREATE OR REPLACE TRIGGER assessments_guard_change BEFORE UPDATE OR DELETE ON assessments_findingchange
    FOR EACH ROW WHEN (NOT leaving_permits(OLD.tenant_id)) EXECUTE FUNCTION assessments_guard_change();
CREATE OR REPLACE TRIGGER treatment_guard_exception BEFORE UPDATE OR DELETE ON treatment_findingexception
    FOR EACH ROW WHEN (NOT leaving_permits(OLD.tenant_id)) EXECUTE FUNCTION treatment_guard_exception();
"""
NO_TRIGGERS = """
CREATE OR REPLACE TRIGGER tenants_journal_only_grows BEFORE UPDATE OR DELETE ON tenants_journalentry
    FOR EACH ROW EXECUTE FUNCTION tenants_journal_only_grows();
CREATE OR REPLACE TRIGGER tenants_journal_only_grows BEFORE UPDATE OR DELETE ON tenants_organizationjournalentry
    FOR EACH ROW EXECUTE FUNCTION tenants_journal_only_grows();
CREATE OR REPLACE TRIGGER assessments_guard_change BEFORE UPDATE OR DELETE ON assessments_findingchange
    FOR EACH ROW EXECUTE FUNCTION assessments_guard_change();
CREATE OR REPLACE TRIGGER treatment_guard_exception BEFORE UPDATE OR DELETE ON treatment_findingexception
    FOR EACH ROW EXECUTE FUNCTION treatment_guard_exception();
"""

FUNCTIONS = r"""
-- Return the scope of the caller, and open such a scope again.
CREATE FUNCTION leaving_scope() RETURNS text[] LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT ARRAY[current_setting('surety.tenants', true), current_setting('surety.organizations', true),
                 current_setting('surety.person', true)]
$$;
CREATE FUNCTION leaving_set_scope(scope text[]) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM set_config('surety.tenants', COALESCE(scope[1], ''), true),
            set_config('surety.organizations', COALESCE(scope[2], ''), true),
            set_config('surety.person', COALESCE(scope[3], ''), true),
            set_config('surety.erasing', '', true);
END $$;

-- Return the running erasure, and open the scope of its organization, its customers and, until it is erased, its
-- subject. Refuse everything that two different people have not confirmed.
CREATE FUNCTION leaving_open(place uuid, erasure uuid, wanted text) RETURNS public.leaving_erasure
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    registered public.leaving_erasure;
    tenants uuid[];
    who uuid;
BEGIN
    PERFORM public.leaving_set_scope(ARRAY['', '{' || place || '}', '']);
    SELECT * INTO registered FROM public.leaving_erasure e
        WHERE e.id = erasure AND e.organization_id = place AND e.kind = wanted FOR UPDATE;
    IF NOT FOUND OR registered.state <> 'running' OR registered.confirmed_at IS NULL OR registered.subject IS NULL
       OR registered.requested_by_id IS NOT DISTINCT FROM registered.confirmed_by_id THEN
        RAISE EXCEPTION 'two different people have not confirmed this erasure' USING ERRCODE = 'insufficient_privilege';
    END IF;
    FOREACH who IN ARRAY array_remove(ARRAY[registered.requested_by_id, registered.confirmed_by_id], NULL) LOOP
        IF NOT EXISTS (SELECT FROM public.tenants_membership m
                       WHERE m.person_id = who AND m.organization_id = place AND m.tenant_id IS NULL
                         AND m.role = 'organization_administrator' AND m.confirmation NOT IN ('waiting', 'refused')) THEN
            RAISE EXCEPTION 'only administrators of the organization decide about an erasure'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
    END LOOP;
    IF wanted = 'customer' AND NOT EXISTS (
        SELECT FROM public.tenants_tenant t
        WHERE t.id = registered.subject AND t.organization_id = place AND t.archived_at IS NOT NULL) THEN
        RAISE EXCEPTION 'this is no archived customer of the organization' USING ERRCODE = 'insufficient_privilege';
    END IF;
    tenants := ARRAY(SELECT k.tenant_id FROM public.tenants_tenantkey k WHERE k.organization_id = place);
    IF wanted = 'customer' THEN
        tenants := tenants || registered.subject;
    END IF;
    PERFORM set_config('surety.tenants', tenants::text, true),
            set_config('surety.erasing', array_to_string(tenants || place, ','), true);
    IF wanted = 'customer' AND EXISTS (SELECT FROM public.retention_legalhold h
                                       WHERE h.tenant_id = registered.subject AND h.lifted_at IS NULL) THEN
        RAISE EXCEPTION 'the customer is on legal hold, so its erasure is not confirmed'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN registered;
END $$;

-- Find out what names the customer, and close the customer: nobody can open its scope any more.
CREATE FUNCTION leaving_close_customer(place uuid, erasure uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    before text[] := public.leaving_scope();
    registered public.leaving_erasure := public.leaving_open(place, erasure, 'customer');
BEGIN
    UPDATE public.leaving_erasure e SET needles = jsonb_build_object(
        'ids', (SELECT jsonb_agg(DISTINCT lower(id)) FROM (
            SELECT registered.subject::text
            UNION SELECT d.directory_id FROM public.tenants_directory d WHERE d.tenant_id = registered.subject
            UNION SELECT s.subscription_id FROM public.tenants_subscription s
                  JOIN public.tenants_directory d ON d.id = s.directory_id AND d.tenant_id = s.tenant_id
                  WHERE s.tenant_id = registered.subject AND s.home_directory_id IN ('', d.directory_id)
            UNION SELECT p.client_id FROM public.tenants_serviceprincipal p WHERE p.tenant_id = registered.subject
            UNION SELECT j.details->>'client_id' FROM public.tenants_journalentry j
                  WHERE j.tenant_id = registered.subject AND j.action LIKE 'service_principal.%'
            UNION SELECT j.details->>'directory_id' FROM public.tenants_journalentry j
                  WHERE j.tenant_id = registered.subject AND j.action LIKE 'service_principal.%'
        ) AS known(id) WHERE length(id) >= 32),
        'names', (SELECT jsonb_agg(DISTINCT lower(name)) FROM (
            SELECT t.name FROM public.tenants_tenant t WHERE t.id = registered.subject
            UNION SELECT t.slug FROM public.tenants_tenant t WHERE t.id = registered.subject
            UNION SELECT j.details->'name'->>'from' FROM public.tenants_journalentry j
                  WHERE j.tenant_id = registered.subject AND j.action = 'tenant.changed'
            UNION SELECT j.details->'name'->>'to' FROM public.tenants_journalentry j
                  WHERE j.tenant_id = registered.subject AND j.action = 'tenant.changed'
        ) AS known(name) WHERE name <> ''))
    WHERE e.id = erasure AND e.needles IS NULL;
    DELETE FROM public.tenants_tenantkey k WHERE k.tenant_id = registered.subject;
    PERFORM public.leaving_set_scope(before);
END $$;

-- Return a regular expression that matches the name as a whole word, in any case.
CREATE FUNCTION leaving_word(name text) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT '(?<![[:alnum:]])' || regexp_replace(name, '([^[:alnum:][:space:]])', '\\\1', 'g') || '(?![[:alnum:]])'
$$;

-- Return the JSON value with the pseudonym in place of each match of `words`, and of each text that matches `whole`.
CREATE FUNCTION leaving_replaced(value jsonb, words text, whole text, pseudonym text) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT regexp_replace(regexp_replace(value::text, words, pseudonym, 'gi'),
                          COALESCE(whole, '(?!)x'), '"' || pseudonym || '"', 'g')::jsonb
$$;

-- Remove the text of journal entries that name the customer, and return these entries. Names are not searched in entries
-- about accounts, access and sign-in, which do not name customers: otherwise somebody could give a customer a name that
-- occurs in such entries, in order to remove them.
CREATE FUNCTION leaving_redact_customer(place uuid, erasure uuid) RETURNS TABLE (chain uuid, number bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    before text[] := public.leaving_scope();
    registered public.leaving_erasure := public.leaving_open(place, erasure, 'customer');
    ids text := (SELECT string_agg(id, '|') FROM jsonb_array_elements_text(registered.needles->'ids') id);
    names text := (SELECT string_agg(public.leaving_word(n), '|') FROM (
        SELECT name FROM jsonb_array_elements_text(registered.needles->'names') name
        UNION SELECT btrim(to_jsonb(name)::text, '"') FROM jsonb_array_elements_text(registered.needles->'names') name
    ) AS known(n));
    erased jsonb := jsonb_build_object('redacted', erasure::text);
BEGIN
    RETURN QUERY UPDATE public.tenants_organizationjournalentry j SET target = 'redacted', details = erased
        WHERE j.organization_id = place AND j.action <> 'journal.redacted'
          AND (lower(j.target || ' ' || j.details::text) ~ ids
               OR lower(j.target || ' ' || j.details::text) ~ names
                  AND j.action !~ '^(account|membership|access|organization|erasure)\.')
        RETURNING j.organization_id, j.sequence;
    RETURN QUERY UPDATE public.tenants_journalentry j SET target = 'redacted', details = erased
        WHERE j.tenant_id <> registered.subject AND j.action <> 'journal.redacted'
          AND lower(j.target || ' ' || j.details::text) ~ ids
        RETURNING j.tenant_id, j.sequence;
    PERFORM public.leaving_set_scope(before);
END $$;

-- Delete at most `most` of the customer's rows in one table. Return the number of deleted rows.
CREATE FUNCTION leaving_delete_rows(place uuid, erasure uuid, relation text, most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    before text[] := public.leaving_scope();
    registered public.leaving_erasure := public.leaving_open(place, erasure, 'customer');
    deleted bigint;
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum]
        WHERE c.contype = 'f' AND c.confrelid = 'public.tenants_tenant'::regclass AND a.attname = 'tenant_id'
          AND c.conrelid = to_regclass('public.' || quote_ident(relation))) THEN
        RAISE EXCEPTION '% is no table of customers', relation USING ERRCODE = 'insufficient_privilege';
    END IF;
    EXECUTE format('DELETE FROM public.%1$I WHERE ctid = ANY (ARRAY(SELECT ctid FROM public.%1$I'
                   ' WHERE tenant_id = $1 LIMIT $2))', relation) USING registered.subject, most;
    GET DIAGNOSTICS deleted = ROW_COUNT;
    PERFORM public.leaving_set_scope(before);
    RETURN deleted;
END $$;

-- Delete the customer itself, and the values in the register by which it could be recognized. If a row of the customer
-- still exists, its foreign key makes the transaction fail at the end.
CREATE FUNCTION leaving_finish_customer(place uuid, erasure uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    before text[] := public.leaving_scope();
    registered public.leaving_erasure := public.leaving_open(place, erasure, 'customer');
BEGIN
    DELETE FROM public.tenants_tenant t WHERE t.id = registered.subject;
    UPDATE public.leaving_erasure e SET subject = NULL, needles = NULL, reason = '', salt = ''
        WHERE e.organization_id = place AND e.kind = 'customer' AND e.subject = registered.subject;
    PERFORM public.leaving_set_scope(before);
END $$;

-- Replace a person's addresses and names by the pseudonym: in journals, in timelines and in everything that people have
-- written, but not in evidence and findings, which come from Azure. Delete how the person signs in, and the person's
-- notices, preferences and own views. Return the journal entries that were changed.
-- The person is the subject of the erasure, or had access to nothing but the erased customer.
CREATE FUNCTION leaving_pseudonymise(place uuid, erasure uuid, wanted text, who uuid, pseudonym text)
RETURNS TABLE (chain uuid, number bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    before text[] := public.leaving_scope();
    registered public.leaving_erasure := public.leaving_open(place, erasure, wanted);
    places uuid[] := string_to_array(current_setting('surety.erasing'), ',')::uuid[];
    entry text := 'person:' || who;
    refused boolean;
    addresses text[];
    names text[];
    words text;
    whole text;
    mark jsonb := jsonb_build_object('redacted', erasure::text);
    item record;
BEGIN
    -- With this setting, all memberships of the person can be read, also those in other organizations.
    PERFORM set_config('surety.person', who::text, true);
    IF wanted = 'person' THEN
        refused := who IS DISTINCT FROM registered.subject OR pseudonym IS DISTINCT FROM registered.pseudonym
            OR EXISTS (SELECT FROM public.tenants_membership m WHERE m.person_id = who
                       AND (m.organization_id <> place OR m.confirmation <> 'refused'
                            AND (m.valid_until IS NULL OR m.valid_until > clock_timestamp())));
    ELSE
        places := array_remove(places, registered.subject);  -- All rows of the erased customer will be deleted.
        refused := NOT EXISTS (SELECT FROM public.tenants_membership m WHERE m.person_id = who)
            OR EXISTS (SELECT FROM public.tenants_membership m
                       WHERE m.person_id = who AND m.tenant_id IS DISTINCT FROM registered.subject);
    END IF;
    PERFORM set_config('surety.person', '', true);
    IF refused OR pseudonym !~ '^Former person [2-9A-Z]{4,8}$' THEN
        RAISE EXCEPTION 'this person has or had other access' USING ERRCODE = 'insufficient_privilege';
    END IF;

    addresses := ARRAY(SELECT DISTINCT lower(address) FROM (
        SELECT p.email FROM public.tenants_person p WHERE p.id = who
        UNION SELECT a.email FROM public.account_emailaddress a WHERE a.user_id = who
        UNION SELECT c.value FROM public.accounts_unconfirmedchange c WHERE c.person_id = who
        UNION SELECT c.previous FROM public.accounts_unconfirmedchange c WHERE c.person_id = who
        UNION SELECT c.value FROM public.accounts_accountchange c WHERE c.person_id = who
        UNION SELECT split_part(j.actor, ' (' || entry || ')', 1) FROM public.tenants_organizationjournalentry j
              WHERE j.actor LIKE '% (' || entry || ')'
        UNION SELECT split_part(j.actor, ' (' || entry || ')', 1) FROM public.tenants_journalentry j
              WHERE j.actor LIKE '% (' || entry || ')'
        UNION SELECT (regexp_matches(j.details::text, '[^[:space:]"<>(),;:]+@[^[:space:]"<>(),;:]+', 'g'))[1]
              FROM public.tenants_organizationjournalentry j
              WHERE j.target LIKE entry || '%' AND j.action LIKE 'account.address%'
    ) AS known(address) WHERE address LIKE '%_@_%');
    names := ARRAY(SELECT DISTINCT name FROM (
        SELECT p.name FROM public.tenants_person p WHERE p.id = who
        UNION SELECT j.details->>'from' FROM public.tenants_organizationjournalentry j
              WHERE j.target LIKE entry || '%' AND j.action = 'account.name_changed'
        UNION SELECT j.details->>'to' FROM public.tenants_organizationjournalentry j
              WHERE j.target LIKE entry || '%' AND j.action = 'account.name_changed'
    ) AS known(name) WHERE btrim(name) <> '');
    -- A name of several words is found within texts. A name of one word may be a common word, so it is found only in
    -- journals and timelines, as a whole value. In JSON, some characters of a name are escaped.
    words := (SELECT string_agg(public.leaving_word(one), '|') FROM (
        SELECT unnest(addresses) UNION SELECT name FROM unnest(names) name WHERE name ~ '[[:space:]]'
        UNION SELECT btrim(to_jsonb(name)::text, '"') FROM unnest(names) name WHERE name ~ '[[:space:]]'
        UNION SELECT name || ' <' || address || '>' FROM unnest(names) name, unnest(addresses) address
    ) AS known(one));
    whole := (SELECT string_agg('"' || public.leaving_word(name) || '"(?!:)', '|')
              FROM unnest(names) name WHERE name !~ '[[:space:]]');

    RETURN QUERY UPDATE public.tenants_organizationjournalentry j SET
            actor = left(regexp_replace(j.actor, words, pseudonym, 'gi'), 320),
            target = left(regexp_replace(j.target, words, pseudonym, 'gi'), 500),
            details = public.leaving_replaced(j.details, words, whole, pseudonym) || mark
        WHERE j.organization_id = place AND j.action <> 'journal.redacted'
          AND (j.actor ~* words OR j.target ~* words OR j.details::text ~* words
               OR COALESCE(j.details::text ~ whole, false))
        RETURNING j.organization_id, j.sequence;
    RETURN QUERY UPDATE public.tenants_journalentry j SET
            actor = left(regexp_replace(j.actor, words, pseudonym, 'gi'), 320),
            target = left(regexp_replace(j.target, words, pseudonym, 'gi'), 500),
            details = public.leaving_replaced(j.details, words, whole, pseudonym) || mark
        WHERE j.tenant_id = ANY (places) AND j.action <> 'journal.redacted'
          AND (j.actor ~* words OR j.target ~* words OR j.details::text ~* words
               OR COALESCE(j.details::text ~ whole, false))
        RETURNING j.tenant_id, j.sequence;

    DELETE FROM public.tenants_invitation i WHERE lower(i.email) = ANY (addresses);
    DELETE FROM public.notify_notice n WHERE n.person_id = who;
    DELETE FROM public.notify_told n WHERE n.person_id = who;
    DELETE FROM public.notify_preference n WHERE n.person_id = who;
    DELETE FROM public.notify_maillinks n WHERE n.person_id = who;
    DELETE FROM public.treatment_savedview v WHERE v.person_id = who AND NOT v.shared;
    DELETE FROM public.treatment_listview v WHERE v.person_id = who AND NOT v.shared;
    FOR item IN
        SELECT c.relname, a.attname, a.atttypid::regtype::text AS type, p.attname AS place,
               CASE WHEN a.atttypid = 'varchar'::regtype AND a.atttypmod > 4 THEN a.atttypmod - 4 END AS length
        FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
             AND a.atttypid IN ('text'::regtype, 'varchar'::regtype, 'jsonb'::regtype)
        JOIN pg_attribute p ON p.attrelid = c.oid AND p.attname = CASE WHEN EXISTS (
                 SELECT FROM pg_attribute t WHERE t.attrelid = c.oid AND t.attname = 'tenant_id')
             THEN 'tenant_id' ELSE 'organization_id' END
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
          AND c.relname !~ '^(assessments_|leaving_erasure$|tenants_(organization)?journalentry$|treatment_exceptionitem$)'
    LOOP
        EXECUTE format(CASE WHEN item.type = 'jsonb' THEN
            'UPDATE public.%1$I SET %2$I = public.leaving_replaced(%2$I, $1, NULL, $2)'
            ' WHERE %3$I = ANY ($3) AND %2$I::text ~* $1'
        ELSE
            'UPDATE public.%1$I SET %2$I = left(regexp_replace(%2$I, $1, $2, ''gi''), $4)'
            ' WHERE %3$I = ANY ($3) AND %2$I ~* $1'
        END, item.relname, item.attname, item.place)
        USING words, pseudonym, places, COALESCE(item.length, 1000000000);
    END LOOP;
    UPDATE public.treatment_treatmentevent e SET
        actor = CASE WHEN e.actor = ANY (names) THEN pseudonym ELSE e.actor END,
        before = CASE WHEN e.before = ANY (names) THEN pseudonym ELSE e.before END,
        after = CASE WHEN e.after = ANY (names) THEN pseudonym ELSE e.after END
    WHERE e.tenant_id = ANY (places) AND names && ARRAY[e.actor, e.before, e.after]::text[];

    DELETE FROM public.account_emailconfirmation c USING public.account_emailaddress a
        WHERE a.id = c.email_address_id AND a.user_id = who;
    DELETE FROM public.accounts_addresspermit p USING public.account_emailaddress a
        WHERE a.id = p.address_id AND a.user_id = who;
    DELETE FROM public.account_emailaddress a WHERE a.user_id = who;
    DELETE FROM public.mfa_authenticator m WHERE m.user_id = who;
    DELETE FROM public.socialaccount_socialtoken t USING public.socialaccount_socialaccount s
        WHERE s.id = t.account_id AND s.user_id = who;
    DELETE FROM public.socialaccount_socialaccount s WHERE s.user_id = who;
    DELETE FROM public.accounts_session s WHERE s.person_id = who;
    DELETE FROM public.accounts_identitypermit p WHERE p.person_id = who;
    DELETE FROM public.accounts_unconfirmedchange c WHERE c.person_id = who;
    DELETE FROM public.accounts_accountchange c WHERE c.person_id = who;
    DELETE FROM public.accounts_emergencyaccess e WHERE e.person_id = who;
    DELETE FROM public.tenants_failedsignins f WHERE f.person_id = who;
    UPDATE public.tenants_person p SET
        name = pseudonym, email = lower(replace(pseudonym, ' ', '-')) || '@pseudonym.invalid', password = '!',
        is_active = false, last_login = NULL, last_seen_at = NULL
    WHERE p.id = who;
    IF wanted = 'person' THEN
        UPDATE public.leaving_erasure e SET reason = '' WHERE e.id = erasure;
    END IF;
    PERFORM public.leaving_set_scope(before);
END $$;
"""
NO_FUNCTIONS = """
DROP FUNCTION leaving_pseudonymise(uuid, uuid, text, uuid, text);
DROP FUNCTION leaving_replaced(jsonb, text, text, text);
DROP FUNCTION leaving_finish_customer(uuid, uuid);
DROP FUNCTION leaving_delete_rows(uuid, uuid, text, integer);
DROP FUNCTION leaving_redact_customer(uuid, uuid);
DROP FUNCTION leaving_word(text);
DROP FUNCTION leaving_close_customer(uuid, uuid);
DROP FUNCTION leaving_open(uuid, uuid, text);
DROP FUNCTION leaving_set_scope(text[]);
DROP FUNCTION leaving_scope();
"""


def only_for_the_application(*functions: str) -> migrations.RunPython:
    """Return the operation that lets only the application's role call the functions."""

    def grant(apps, schema_editor):
        role = connections[DEFAULT_DB_ALIAS].settings_dict["USER"]
        for function in functions:
            schema_editor.execute(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC")
            if role:
                schema_editor.execute(
                    f"GRANT EXECUTE ON FUNCTION {function} TO {schema_editor.quote_name(role)}"
                )

    return migrations.RunPython(grant, migrations.RunPython.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("leaving", "0002_erasure"),
        ("retention", "0002_functions"),
        ("tenants", "0030_organization_erasure_wait_hours"),
        ("assessments", "0019_ended_changes"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("accounts", "0007_setup_link"),
        ("mfa", "0001_initial"),
        ("notify", "0004_dedup_key"),
        ("socialaccount", "0001_initial"),
        ("treatment", "0011_exception_guard"),
    ]

    operations = [
        migrations.RunSQL(PERMITS, NO_PERMITS),
        migrations.RunSQL(GUARD, NO_GUARD),
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
        only_for_the_application(
            "leaving_close_customer(uuid, uuid)",
            "leaving_redact_customer(uuid, uuid)",
            "leaving_delete_rows(uuid, uuid, text, integer)",
            "leaving_finish_customer(uuid, uuid)",
            "leaving_pseudonymise(uuid, uuid, text, uuid, text)",
        ),
    ]
