"""What separates the rows of tenants below the models: the open scope, scoped managers, and system checks.

`tenants.rls`, `tenants.references` and `tenants.append_only` belong here too, but migrations import them by these
paths.
"""
