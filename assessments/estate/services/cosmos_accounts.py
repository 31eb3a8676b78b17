"""Facts about Cosmos DB accounts. Pure functions.

Properties: cosmos-db/resource-manager/Microsoft.DocumentDB/stable/2024-11-15/cosmos-db.json (DatabaseAccountGetResults)
"""

from __future__ import annotations

from typing import Final

from assessments.estate.view import View

_KINDS: Final = frozenset({"globaldocumentdb", "mongodb", "parse"})
# Capabilities of accounts that use an API other than the API for NoSQL.
_OTHER_APIS: Final = frozenset({"enablemongo", "enablecassandra", "enabletable", "enablegremlin"})


def capabilities(account: View) -> set[str]:
    """Return the capabilities of the account in lower case. Raise Unreadable if one of them has no name."""
    found = account.object("properties").items("capabilities", default=[])
    return {one.text("name").casefold() for one in found}


def is_nosql(account: View) -> bool:
    """Return whether the account has the API for NoSQL. Raise Unreadable if the kind is missing or unknown."""
    kind = account.choice("kind", _KINDS)
    return kind == "globaldocumentdb" and not capabilities(account) & _OTHER_APIS
