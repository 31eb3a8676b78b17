"""The scope at which a test reads each collection."""

from __future__ import annotations

from assessments.estate.collection import Collection
from tests.assessments.collect.azure import guid
from tests.assessments.official.estates import example_scopes

UNIT = guid(1)
GROUP = f"/subscriptions/{UNIT}/resourceGroups/RG-Mixed (1)/providers"


def scope_of(collection: Collection) -> str:
    """Return a scope at which a collection is read: the subscription or, for a collection with `targets` and without
    `only_if_listed`, the scope in Microsoft's example.

    If the scope is a resource, its names get characters that must be quoted in an address, and its type is spelled as
    SDKs spell it.
    """
    if collection.targets is None or collection.only_if_listed:
        return f"/subscriptions/{UNIT}"
    scope = example_scopes(collection.name)[0]
    _, below_a_group, resource = scope.partition("/resourceGroups/")
    if not below_a_group:
        return scope
    types = {word.casefold(): word for word in collection.resource_type.split("/")}
    _, _, types_and_names = resource.partition("/providers/")
    resources = [_with_odd_names(one, types) for one in types_and_names.split("/providers/")]
    return f"{GROUP}/{'/providers/'.join(resources)}"


def _with_odd_names(resource: str, types: dict[str, str]) -> str:
    """Add odd characters to the names in an id such as `Microsoft.Sql/servers/<name>/databases/<name>`, and spell its
    types as in `types`: {lower case: spelling}.
    """
    words = resource.split("/")
    return "/".join(
        f"{word} & two, (1)" if number and number % 2 == 0 else types.get(word.casefold(), word)
        for number, word in enumerate(words)
    )
