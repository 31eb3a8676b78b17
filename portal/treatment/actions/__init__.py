"""Whatever writes treatments: keyword-only, atomic, with its journal entry and its timeline.

Call them in an open scope. Whether the person may is asked by `tenants.access`, which findings are theirs by
`portal.treatment.selectors.findings`; that nobody decides their own request is asked here and by the database.
"""
