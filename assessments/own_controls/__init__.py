"""Own controls of organizations: reading them from the database, and trying one before it is published."""
