"""Findings of a tenant: list with filters, saved views, export and bulk actions."""
