"""Pseudonymise people who had roles in several organizations, after two people in each organization have confirmed it.

Before this migration, such a person could not be pseudonymised, because no organization can change the journal of
another one. Now each organization has its own erasure, with the same pseudonym. A worker starts only when all these
erasures are confirmed and due.

If two texts must differ, but are equal after the name was replaced by the pseudonym, numbers are appended to them.
Before this migration, the pseudonymisation failed in this case.
"""

from django.db import migrations, models

ELSEWHERE = r"""
-- For each other organization in which the person had a role, return the state of the same pseudonymisation, or NULL if
-- that organization has not requested it. The result does not name the organizations. The erasure must be in the
-- caller's scope.
CREATE FUNCTION leaving_elsewhere(place uuid, erasure uuid) RETURNS TABLE (state text, due boolean)
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    before text[] := public.leaving_scope();
    erasing text := COALESCE(current_setting('surety.erasing', true), '');
    own public.leaving_erasure;
BEGIN
    SELECT * INTO own FROM public.leaving_erasure e
        WHERE e.id = erasure AND e.organization_id = place AND e.kind = 'person';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this pseudonymisation is not in the scope' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM set_config('surety.tenants', '', true), set_config('surety.person', own.subject::text, true),
            set_config('surety.organizations', ARRAY(SELECT k.organization_id FROM public.tenants_organizationkey k)::text, true);
    RETURN QUERY SELECT e.state::text, COALESCE(e.not_before <= clock_timestamp(), false)
        FROM (SELECT m.organization_id FROM public.tenants_membership m WHERE m.person_id = own.subject
              UNION SELECT r.organization_id FROM public.leaving_erasure r
              WHERE r.kind = 'person' AND r.subject = own.subject AND r.pseudonym = own.pseudonym) AS concerned(id)
        LEFT JOIN public.leaving_erasure e ON e.organization_id = concerned.id AND e.kind = 'person'
             AND e.subject = own.subject AND e.pseudonym = own.pseudonym
        WHERE concerned.id <> place;
    PERFORM public.leaving_set_scope(before), set_config('surety.erasing', erasing, true);
END $$;
"""

PSEUDONYMISE = r"""
-- Replace a person's addresses and names by the pseudonym: in journals, in timelines and in everything that people have
-- written, but not in evidence and findings, which come from Azure. Delete how the person signs in, and the person's
-- notices, preferences and own views. Return the journal entries that were changed.
-- The person is the subject of the erasure, or had access to nothing but the erased customer. If the person had roles in
-- several organizations, two people in each of them must have confirmed it; each organization changes its own texts, and
-- the last one the account.
CREATE OR REPLACE FUNCTION leaving_pseudonymise(place uuid, erasure uuid, wanted text, who uuid, pseudonym text)
RETURNS TABLE (chain uuid, number bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    before text[] := public.leaving_scope();
    registered public.leaving_erasure := public.leaving_open(place, erasure, wanted);
    places uuid[] := string_to_array(current_setting('surety.erasing'), ',')::uuid[];
    entry text := 'person:' || who;
    refused boolean;
    last boolean := true;
    addresses text[];
    known text[];
    names text[];
    words text;
    whole text;
    own_words text;
    own_whole text;
    mark jsonb := jsonb_build_object('redacted', erasure::text);
    item record;
    listed record;
    number_of integer;
    ending text;
BEGIN
    -- With this setting, all memberships of the person can be read, also those in other organizations.
    PERFORM set_config('surety.person', who::text, true);
    IF wanted = 'person' THEN
        refused := who IS DISTINCT FROM registered.subject OR pseudonym IS DISTINCT FROM registered.pseudonym
            OR EXISTS (SELECT FROM public.tenants_membership m WHERE m.person_id = who AND m.confirmation <> 'refused'
                       AND (m.valid_until IS NULL OR m.valid_until > clock_timestamp()))
            OR EXISTS (SELECT FROM public.leaving_elsewhere(place, erasure) o
                       WHERE NOT COALESCE(o.state IN ('running', 'done') OR o.state = 'confirmed' AND o.due, false));
        -- Texts are found by the names and addresses of the account, so the last organization replaces these.
        last := NOT EXISTS (SELECT FROM public.leaving_elsewhere(place, erasure) o WHERE o.state IN ('confirmed', 'running'));
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
    ) AS found(address) WHERE address LIKE '%_@_%'
          AND NOT EXISTS (SELECT FROM public.tenants_person p WHERE p.id <> who AND lower(p.email) = lower(found.address)));
    known := ARRAY(SELECT DISTINCT name FROM (
        SELECT p.name FROM public.tenants_person p WHERE p.id = who
        UNION SELECT j.details->>'from' FROM public.tenants_organizationjournalentry j
              WHERE j.target LIKE entry || '%' AND j.action = 'account.name_changed'
        UNION SELECT j.details->>'to' FROM public.tenants_organizationjournalentry j
              WHERE j.target LIKE entry || '%' AND j.action = 'account.name_changed'
    ) AS found(name) WHERE btrim(name) <> '');
    -- People choose their names themselves. A name that somebody had for a moment only, or that belongs to somebody else,
    -- must not replace texts about something else: it is replaced only next to an address, and in entries about the person.
    names := ARRAY(SELECT had.called FROM unnest(known) AS had(called)
        WHERE EXISTS (SELECT FROM public.tenants_person p WHERE p.id = who AND (p.name = had.called
                      OR regexp_split_to_array(lower(btrim(p.name)), '[[:space:]]+')
                         && regexp_split_to_array(lower(btrim(had.called)), '[[:space:]]+')))
          AND NOT EXISTS (SELECT FROM public.tenants_person p WHERE p.id <> who AND lower(p.name) = lower(had.called))
          AND NOT EXISTS (SELECT FROM public.tenants_tenant t WHERE lower(t.name) = lower(had.called)));
    -- A name of several words is found within texts. A name of one word may be a common word, so it is found only in
    -- journals and timelines, as a whole value. In JSON, some characters of a name are escaped.
    words := (SELECT string_agg(public.leaving_word(one), '|') FROM (
        SELECT unnest(addresses) UNION SELECT name FROM unnest(names) name WHERE name ~ '[[:space:]]'
        UNION SELECT btrim(to_jsonb(name)::text, '"') FROM unnest(names) name WHERE name ~ '[[:space:]]'
        UNION SELECT name || ' <' || address || '>' FROM unnest(known) name, unnest(addresses) address
    ) AS found(one));
    whole := (SELECT string_agg('"' || public.leaving_word(name) || '"(?!:)', '|')
              FROM unnest(names) name WHERE name !~ '[[:space:]]');
    own_words := concat_ws('|', words, (SELECT string_agg(public.leaving_word(one), '|') FROM (
        SELECT name FROM unnest(known) name WHERE name ~ '[[:space:]]'
        UNION SELECT btrim(to_jsonb(name)::text, '"') FROM unnest(known) name WHERE name ~ '[[:space:]]'
    ) AS found(one)));
    own_whole := (SELECT string_agg('"' || public.leaving_word(name) || '"(?!:)', '|')
                  FROM unnest(known) name WHERE name !~ '[[:space:]]');

    RETURN QUERY UPDATE public.tenants_organizationjournalentry j SET
            actor = left(regexp_replace(j.actor, words, pseudonym, 'gi'), 320),
            target = left(regexp_replace(j.target, CASE WHEN j.target LIKE entry || '%' THEN own_words ELSE words END,
                                         pseudonym, 'gi'), 500),
            details = CASE WHEN j.target LIKE entry || '%' THEN public.leaving_replaced(j.details, own_words, own_whole, pseudonym)
                           ELSE public.leaving_replaced(j.details, words, whole, pseudonym) END || mark
        WHERE j.organization_id = place AND j.action <> 'journal.redacted'
          AND (j.actor ~* words OR j.target ~* words OR j.details::text ~* words
               OR COALESCE(j.details::text ~ whole, false)
               OR j.target LIKE entry || '%' AND (j.target ~* own_words OR j.details::text ~* own_words
                                                     OR COALESCE(j.details::text ~ own_whole, false)))
        RETURNING j.organization_id, j.sequence;
    RETURN QUERY UPDATE public.tenants_journalentry j SET
            actor = left(regexp_replace(j.actor, words, pseudonym, 'gi'), 320),
            target = left(regexp_replace(j.target, CASE WHEN j.target LIKE entry || '%' THEN own_words ELSE words END,
                                         pseudonym, 'gi'), 500),
            details = CASE WHEN j.target LIKE entry || '%' THEN public.leaving_replaced(j.details, own_words, own_whole, pseudonym)
                           ELSE public.leaving_replaced(j.details, words, whole, pseudonym) END || mark
        WHERE j.tenant_id = ANY (places) AND j.action <> 'journal.redacted'
          AND (j.actor ~* words OR j.target ~* words OR j.details::text ~* words
               OR COALESCE(j.details::text ~ whole, false)
               OR j.target LIKE entry || '%' AND (j.target ~* own_words OR j.details::text ~* own_words
                                                     OR COALESCE(j.details::text ~ own_whole, false)))
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
        BEGIN
            EXECUTE format(CASE WHEN item.type = 'jsonb' THEN
                'UPDATE public.%1$I SET %2$I = public.leaving_replaced(%2$I, $1, NULL, $2)'
                ' WHERE %3$I = ANY ($3) AND %2$I::text ~* $1'
            ELSE
                'UPDATE public.%1$I SET %2$I = left(regexp_replace(%2$I, $1, $2, ''gi''), $4)'
                ' WHERE %3$I = ANY ($3) AND %2$I ~* $1'
            END, item.relname, item.attname, item.place)
            USING words, pseudonym, places, COALESCE(item.length, 1000000000);
        EXCEPTION WHEN unique_violation THEN
            -- Two texts that must differ would become equal, such as the names of two views: number them.
            IF item.type = 'jsonb' THEN
                RAISE;
            END IF;
            FOR listed IN EXECUTE format('SELECT ctid AS place FROM public.%1$I WHERE %3$I = ANY ($2) AND %2$I ~* $1 FOR UPDATE',
                                      item.relname, item.attname, item.place) USING words, places
            LOOP
                number_of := 1;
                ending := '';
                LOOP
                    BEGIN
                        EXECUTE format('UPDATE public.%1$I SET %2$I = left(regexp_replace(%2$I, $1, $2, ''gi''), $3) || $4'
                                       ' WHERE ctid = $5', item.relname, item.attname)
                        USING words, pseudonym, COALESCE(item.length, 1000000000) - length(ending), ending, listed.place;
                        EXIT;
                    EXCEPTION WHEN unique_violation THEN
                        number_of := number_of + 1;
                        ending := ' ' || number_of;
                    END;
                END LOOP;
            END LOOP;
        END;
    END LOOP;
    UPDATE public.treatment_treatmentevent e SET
        actor = CASE WHEN e.actor = ANY (names) THEN pseudonym ELSE e.actor END,
        before = CASE WHEN e.before = ANY (names) THEN pseudonym ELSE e.before END,
        after = CASE WHEN e.after = ANY (names) THEN pseudonym ELSE e.after END
    WHERE e.tenant_id = ANY (places) AND names && ARRAY[e.actor, e.before, e.after]::text[];

    -- As soon as the first organization has pseudonymised the person, nobody can sign in to the account. So no new
    -- journal entry names the person.
    DELETE FROM public.account_emailconfirmation c USING public.account_emailaddress a
        WHERE a.id = c.email_address_id AND a.user_id = who;
    DELETE FROM public.accounts_addresspermit p USING public.account_emailaddress a
        WHERE a.id = p.address_id AND a.user_id = who;
    DELETE FROM public.mfa_authenticator m WHERE m.user_id = who;
    DELETE FROM public.socialaccount_socialtoken t USING public.socialaccount_socialaccount s
        WHERE s.id = t.account_id AND s.user_id = who;
    DELETE FROM public.socialaccount_socialaccount s WHERE s.user_id = who;
    DELETE FROM public.accounts_session s WHERE s.person_id = who;
    DELETE FROM public.accounts_identitypermit p WHERE p.person_id = who;
    DELETE FROM public.accounts_emergencyaccess e WHERE e.person_id = who;
    DELETE FROM public.tenants_failedsignins f WHERE f.person_id = who;
    UPDATE public.tenants_person p SET password = '!', is_active = false WHERE p.id = who;
    IF last THEN
        DELETE FROM public.account_emailaddress a WHERE a.user_id = who;
        DELETE FROM public.accounts_unconfirmedchange c WHERE c.person_id = who;
        DELETE FROM public.accounts_accountchange c WHERE c.person_id = who;
        UPDATE public.tenants_person p SET
            name = pseudonym, email = lower(replace(pseudonym, ' ', '-')) || '@pseudonym.invalid',
            last_login = NULL, last_seen_at = NULL
        WHERE p.id = who;
    END IF;
    IF wanted = 'person' THEN
        UPDATE public.leaving_erasure e SET reason = '' WHERE e.id = erasure;
    END IF;
    PERFORM public.leaving_set_scope(before);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("leaving", "0011_announced_erasures"), ("tenants", "0016_organization_key_rows")]

    # If this migration is reversed, the corrected function `leaving_pseudonymise` stays. Reversing
    # 0003_erasure_functions drops it.
    operations = [
        migrations.RemoveConstraint(model_name="erasure", name="leaving_erasure_one_at_a_time"),
        migrations.AddConstraint(
            model_name="erasure",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("requested", "confirmed", "running"))),
                fields=("organization", "subject"),
                name="leaving_erasure_one_at_a_time",
            ),
        ),
        migrations.RunSQL(ELSEWHERE, "DROP FUNCTION leaving_elsewhere(uuid, uuid)"),
        migrations.RunSQL(PSEUDONYMISE, migrations.RunSQL.noop),
    ]
