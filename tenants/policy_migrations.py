"""Operations of migrations that replace row-level security policies."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.migrations import AddConstraint, RemoveConstraint
from django.db.migrations.operations.base import Operation

from tenants.rls import RowLevelSecurity


def replace_policies(app_label: str, policies: Mapping[str, Mapping[str, str]]) -> list[Operation]:
    """Return operations that replace the policy of each model in `policies`.

    `policies` is {model: arguments of the new policy (`using`, `read`)}.

    Migrations spell the conditions out, because the constants of `tenants.rls` may change later.
    """
    names = {model: f"{app_label}_{model}_rls" for model in policies}
    return [
        *(RemoveConstraint(model_name=model, name=name) for model, name in names.items()),
        *(
            AddConstraint(model_name=model, constraint=RowLevelSecurity(name=names[model], **arguments))
            for model, arguments in policies.items()
        ),
    ]
