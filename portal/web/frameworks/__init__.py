"""Framework versions with every number, for the catalogue and for a tenant."""
