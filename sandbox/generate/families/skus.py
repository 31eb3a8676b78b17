"""Write the expected verdict of platform-production-sku, which depends on the SKUs of all resources."""

from __future__ import annotations

from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

_CONTROL = "platform-production-sku"
CONTROLS = (_CONTROL,)
_LOW = ("basic", "free", "shared", "developer", "dynamic", "consumption")


def write_last(sub: Subscription) -> None:
    """Write the expected verdict. Call this after all resources have been written."""
    if not sub.skus:
        return
    for sku, tags in sub.skus:
        if _is_low(sku) and tags.get("environment") not in ("dev", "test"):
            sub.expect(_CONTROL, sub.id, "manual")
            return
    sub.expect(_CONTROL, sub.id, "pass")


def _is_low(sku: Json) -> bool:
    return any(str(sku.get(name, "")).lower().split("_")[0] in _LOW for name in ("name", "tier"))
