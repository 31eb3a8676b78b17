"""Convert the parameters of a request to the plain mapping that `portal.queries` takes."""

from __future__ import annotations

from django.http import QueryDict

from portal.queries.parameters import Parameters


def parameters_of(query: QueryDict) -> Parameters:
    """Return {name of a parameter: all its values}. `QueryDict.items` would return only the last value of each name."""
    return dict(query.lists())
