"""Serve pages of framework versions with every requirement, for the catalogue and for a tenant."""
