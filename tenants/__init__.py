"""Access and isolation: organizations, tenants, people, scopes, sealed credentials and the journal.

A scope (`tenants.scope`) determines the tenants whose rows a transaction sees.

Isolation in the database: `rls`, `references`, `append_only`, `policy_migrations`, `checks`, `local_settings`, `locks`,
`lookups`, `built_query`.

Scopes and rights: `scope`, `active_scope`, `person_scopes`, `managers`, `middleware`, `access`, `roles`, `role_pages`,
`second_administrators`, `review_periods`, `review_addresses`.

People and other actors: `actors`, `service_accounts`, `pseudonymised`, `failed_sign_ins`, `link_tokens`,
`time_display`.

The journal: `journal`, `journal_batch`, `account_journal`.

Directories, subscriptions and credentials of Azure: `clouds`, `cloud_table`, `credentials`, `certificates`, `secrets`,
`host_identities`, `delegations`, `delegated_access`, `foreign`, `exclusion_rules`.

Values that people enter: `names`, `addresses`, `visible_text`, `command_values`, `stale_values`, `errors`.

For all packages: `ids`, `dispatch` (background tasks), `selectors` (queries), `models`, `actions` (writes).
"""
