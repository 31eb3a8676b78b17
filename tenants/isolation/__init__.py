"""The code that keeps the rows of tenants apart, and that the models build on: the open scope, scoped managers, and
system checks.

`tenants.rls`, `tenants.references` and `tenants.append_only` belong here too, but migrations import them by these
paths.
"""
