"""In texts that are not about a pseudonymised person, replace the person's name only if the name clearly belongs to the
person, or stands next to the person's email address.

People choose their names themselves. Before this migration, a person could take the name of a customer, a colleague or
a common phrase for a moment. The pseudonymisation of this person then replaced that name everywhere: in journals and
even in the names of customers.
"""

from django.db import migrations

PSEUDONYMISE = r"""
-- Replace a person's addresses and names by the pseudonym: in journals, in timelines and in everything that people have
-- written, but not in evidence and findings, which come from Azure. Delete how the person signs in, and the person's
-- notices, preferences and own views. Return the journal entries that were changed.
-- The person is the subject of the erasure, or had access to nothing but the erased customer.
CREATE OR REPLACE FUNCTION leaving_pseudonymise(place uuid, erasure uuid, wanted text, who uuid, pseudonym text)
RETURNS TABLE (chain uuid, number bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    before text[] := public.leaving_scope();
    registered public.leaving_erasure := public.leaving_open(place, erasure, wanted);
    places uuid[] := string_to_array(current_setting('surety.erasing'), ',')::uuid[];
    entry text := 'person:' || who;
    refused boolean;
    addresses text[];
    known text[];
    names text[];
    words text;
    whole text;
    own_words text;
    own_whole text;
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


class Migration(migrations.Migration):
    dependencies = [("leaving", "0007_ids_of_others")]

    # If this migration is reversed, the corrected function stays. Reversing 0003_erasure_functions drops it.
    operations = [migrations.RunSQL(PSEUDONYMISE, migrations.RunSQL.noop)]
