"""Access and isolation: organizations, tenants, people, scopes, sealed credentials and the journal.

A scope (`tenants.scope`) determines the tenants whose rows a transaction sees.
"""
