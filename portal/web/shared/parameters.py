"""Convert the parameters of a request to the plain mapping that `portal.queries` takes."""

from __future__ import annotations

from django.http import QueryDict

from portal.queries.parameters import Parameters


def parameters_of(query: QueryDict) -> Parameters:
    """Return every name with all its values; `QueryDict` itself yields only the last value."""
    return dict(query.lists())
