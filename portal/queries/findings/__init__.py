"""Queries of the findings of a tenant, which filter, count, order, select and export findings."""
