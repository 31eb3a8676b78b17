"""Serve the settings of a tenant: service principals, policy, control parameters and owner rules."""
