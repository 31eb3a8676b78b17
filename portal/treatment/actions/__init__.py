"""Actions on treatments. All arguments are keyword-only, and each action is atomic.

Each action writes its journal entry and timeline events. Call actions in an open scope, after checking the permission
(`tenants.access`). Actions and the database check that no one decides their own request.
"""
