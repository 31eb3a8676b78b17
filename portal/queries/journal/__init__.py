"""Journal of a tenant: actions and actors by name, filters and facet counts."""
