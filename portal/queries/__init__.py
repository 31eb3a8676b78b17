"""Database queries that pages, the API and reports share: filters, facet counts, ordering and exports.

Packages and modules are named after the pages that show their data.

Every list has one filter class, and all filter classes have the same methods:

    chosen = FindingFilter.parse(parameters, tenant, now)
    rows = chosen.apply(visible_findings(tenant))
    chosen.describe()

Parameters are a plain mapping of names to values (`portal.queries.parameters`), so filters do not depend on HTTP.
"""
