"""Keep the rows of tenants apart: the open scope, scoped managers, and system checks. The models build on this package.

`tenants.rls`, `tenants.references` and `tenants.append_only` belong here too. They stay where they are, because
migrations import them.
"""
