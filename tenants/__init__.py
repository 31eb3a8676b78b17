"""Control access and isolation: organizations, tenants, people, scopes, sealed credentials and the journal.

A scope (`tenants.scope`) determines the tenants whose rows a transaction sees.

The modules directly in this package are of two kinds. All packages use `access`, `actors`, `clouds` and `cloud_table`,
`dispatch`, `errors`, `heartbeats`, `ids`, `middleware`, `protection`, `query_plans`, `roles`, `scope`, `secrets`,
`selectors` and `turns`.
Migrations import `append_only`, `locks`, `policy_migrations`, `references` and `rls`. These modules cannot move,
because migrations cannot be changed later.

- `isolation`: scoped managers, the open scope, system checks, and queries and settings of PostgreSQL.
- `people`: the rights that a person's roles give, the people who may confirm changes, service accounts, and tokens of
  links.
- `auditors`: the records that auditors with a review period may read.
- `azure`: credentials of directories; delegated, foreign and excluded subscriptions.
- `journal`: the hash chains of all actions, events of accounts, and failed sign-ins.
- `values`: texts that people enter (names, addresses, reasons), and the format in which people see times.
- `models`, and `actions` (all writes).
"""
