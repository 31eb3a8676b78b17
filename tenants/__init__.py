"""Access and isolation: organizations, tenants, people, scopes, sealed credentials and the journal."""
