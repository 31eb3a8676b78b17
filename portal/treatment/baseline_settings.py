"""Let packages that `treatment` may not import add their own settings to baselines.

Such a package registers how its settings are read and set:

    register_setting(OwnWatchRules())

The key of a setting consists of the prefix of its kind and a name, such as `watch_rule:Nights`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, Protocol
from uuid import UUID

from portal.treatment.models import Baseline
from tenants.actors import Actor
from tenants.models import Tenant


class SettingKind(Protocol):
    """One kind of settings. Values are compared with `==`. The `name` of a setting does not contain the prefix."""

    prefix: str

    def of_baseline(self, baseline: Baseline) -> Mapping[str, Any]:
        """Return {name: value} of the settings for which the baseline has a value. Sends no query."""

    def of_customers(
        self, tenant_ids: Collection[UUID], names: Collection[str]
    ) -> Mapping[tuple[UUID, str], Any]:
        """Return {(customer, name): present value}. A value that is missing from the result is the default."""

    def default(self, name: str) -> Any:
        """Return the product's default."""

    def apply(self, *, tenant: Tenant, by: Actor, name: str, value: Any) -> None:
        """Set the value of a customer. Raise InvalidInput or Conflict if the customer cannot have the value."""


_KINDS: Final[dict[str, SettingKind]] = {}


def register_setting(kind: SettingKind) -> None:
    """Register a kind of settings under its `prefix`. Called once for each kind, when Django starts."""
    _KINDS[kind.prefix] = kind


def registered_settings() -> Iterable[SettingKind]:
    return _KINDS.values()


def registered_kind(setting: str) -> tuple[SettingKind, str] | None:
    """Return the kind and the name of a setting, or None if no package has registered the prefix of the setting."""
    prefix, colon, name = setting.partition(":")
    kind = _KINDS.get(prefix + colon)
    return None if kind is None else (kind, name)
