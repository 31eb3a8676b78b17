"""Signing in to a directory: credentials of service principals, identities of the host, and what Entra refuses."""
