"""Serve the settings pages of an organization, such as people, roles, sign-in, retention and own controls."""
