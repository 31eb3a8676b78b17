"""Change treatments. All arguments of these actions are keyword-only, and each action is atomic.

Each action writes its journal entry and timeline events. Before calling an action, open a scope and check the
permission (`tenants.access`). Actions and the database check that nobody decides their own request.
"""
