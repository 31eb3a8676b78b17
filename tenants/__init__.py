"""Access and isolation: organizations, tenants, people, scopes, sealed credentials and the journal.

A scope (`tenants.scope`) determines the tenants whose rows a transaction sees.

The modules directly in this package are of two kinds. All packages use `access`, `actors`, `clouds` and `cloud_table`,
`dispatch`, `errors`, `ids`, `middleware`, `roles`, `scope`, `secrets`, `selectors` and `turns`. Migrations, which
cannot be changed later, import `append_only`, `locks`, `policy_migrations`, `references` and `rls`, so these modules
cannot move.

- `isolation`: scoped managers, the open scope, system checks, and queries and settings of PostgreSQL.
- `people`: what a person's roles give, who may confirm changes, service accounts, and tokens of links.
- `auditors`: what auditors with a review period may read.
- `azure`: credentials of directories; delegated, foreign and excluded subscriptions.
- `journal`: the hash chains of all actions, events of accounts, and failed sign-ins.
- `values`: what people enter (names, addresses, reasons), and how times are shown to them.
- `models`, and `actions` (all writes).
"""
