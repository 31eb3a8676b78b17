"""Serve the findings of a tenant: the list with filters, saved views, export and bulk actions."""
