"""The findings of a tenant: filters, counts, groups, saved views, export, what is done to many."""
