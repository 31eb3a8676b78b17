"""Return default documents of settings that always exist in Azure, for estates that do not contain such a setting."""

import json

from sandbox.arm.default_values import BY_PATH, PLAN_STATE, SAME_POLICY, Default
from sandbox.messages import Reply, Request, as_json
from sandbox.paths import root_resource, split_path
from sandbox.stores.arm import Store


def default_setting(request: Request, store: Store) -> Reply | None:
    """Return the default document of the setting at the path, if the setting's parent resource exists. Return None for
    any other path.
    """
    segments = request.path.split("/")
    for length in (2, 4):
        parent_path, path = "/".join(segments[:-length]), "/".join(segments[-length:]).lower()
        parent = parent_path.lower()
        row = BY_PATH.get((split_path(parent).type, path))
        if row is None or not _parent_exists(row, parent, store):
            continue
        raw = store.documents.get(parent)
        identifier = json.loads(raw)["id"] if raw else parent_path
        inner = segments[-length:] if length == 4 else [row.type.rpartition("/")[2], row.name]
        plan = "Enabled" if store.plan_is_standard(parent.split("/")[2], "sqlservers") else "Disabled"
        properties = {name: plan if value is PLAN_STATE else value for name, value in row.properties.items()}
        if (same := SAME_POLICY.get(path)) is not None and (
            stored := store.find(f"{parent}/{same}")
        ) is not None:
            properties |= json.loads(stored).get("properties") or {}
        return as_json(
            200,
            {
                "id": "/".join([identifier, *inner]),
                "name": row.name,
                "type": row.type,
                "properties": properties,
            },
        )
    return None


def _parent_exists(row: Default, parent: str, store: Store) -> bool:
    if not row.parent:
        return parent.startswith("/subscriptions/") and parent.count("/") == 2
    if parent in store.documents:
        return True
    outer = root_resource(parent)
    return (
        outer is not None and store.known(outer) and (outer == parent or parent.endswith("/databases/master"))
    )
