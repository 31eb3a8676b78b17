"""Findings of a tenant: filters, facet counts, ordering, selection and export."""
