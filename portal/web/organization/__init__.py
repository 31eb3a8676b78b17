"""Serve the settings of an organization: people, roles, access reviews and its journal."""
