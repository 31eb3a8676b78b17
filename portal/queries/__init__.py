"""Database queries that pages, the API and reports share: filters, facet counts, ordering and exports.

Each package or module is named after the area of the pages that show its data.

Every list has one filter class, and all filter classes have the same methods:

    chosen = FindingFilter.parse(parameters, tenant, now)
    rows = chosen.apply(visible_findings(tenant))
    chosen.describe()

Parameters are a plain mapping of names to values (`portal.queries.parameters`), independent of the protocol.
"""
