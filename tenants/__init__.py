"""Access and isolation: organizations, tenants, people, scopes (whose rows a transaction sees), sealed credentials and
the journal.
"""
