"""Actions on treatments. All arguments are keyword-only, and each action is atomic.

Each action writes its journal entry and timeline events. Call actions in an open scope. Callers check the permission
with `tenants.access` and select the findings with `portal.treatment.selectors.findings`. Actions and the database check
that no one decides their own request.
"""
