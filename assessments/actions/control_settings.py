"""Set the values that a customer chooses for the parameters of a control."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from assessments.controls.declare import Control
from assessments.controls.registry import UnknownControl, control
from assessments.models import ControlSetting
from tenants import journal
from tenants.actions.organizations import lock_settings
from tenants.actors import Actor
from tenants.errors import invalid
from tenants.models import Person, Tenant
from tenants.values.stale_values import Part, check_unchanged


@transaction.atomic
def set_control_values(
    *, tenant: Tenant, by: Actor, slug: str, values: Mapping[str, Any], expected: Part | None = None
) -> ControlSetting | None:
    """Override parameters of a control, from the next assessment on. If all values are the defaults, delete the stored
    overrides and return None.

    Raise InvalidInput for an unknown control or parameter or an invalid value. `expected` has the values that the
    person saw, as `values_part` returns them. Raise Conflict (changed_meanwhile) if the stored values differ.
    """
    try:
        declared = control(slug)
        declared.chosen(values)
    except (UnknownControl, ValueError) as error:
        raise invalid("values", str(error).strip("'\"")) from None
    defaults = {parameter.name: parameter.default for parameter in declared.parameters}
    overrides = {name: value for name, value in values.items() if value != defaults[name]}
    if expected is not None:
        lock_settings([tenant])
    before = ControlSetting.objects.filter(tenant=tenant, control=slug).first()
    check_unchanged(
        expected, values_part(declared, before.values if before else {}), values_part(declared, overrides)
    )
    if overrides == (before.values if before else {}):
        return before
    journal.record(
        tenant=tenant,
        actor=by,
        action="control.parameters",
        target=f"control:{slug}",
        details={"before": _texts(before.values if before else {}), "after": _texts(overrides)},
    )
    if not overrides:
        ControlSetting.objects.filter(tenant=tenant, control=slug).delete()
        return None
    row, _ = ControlSetting.objects.update_or_create(
        tenant=tenant,
        control=slug,
        defaults={"values": overrides, "changed_by": by if isinstance(by, Person) else None},
    )
    return row


def values_part(declared: Control, overrides: Mapping[str, Any]) -> Part:
    """Return the value of each parameter of a control: the override or, if there is no override, the default."""
    found: Part = {}
    for parameter in declared.parameters:
        value = overrides.get(parameter.name, parameter.default)
        found[parameter.name] = list(value) if isinstance(value, tuple) else value
    return found


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    # Convert all values to texts, because journal entries cannot contain fractional numbers (tenants.journal).
    return {name: str(value) for name, value in values.items()}
