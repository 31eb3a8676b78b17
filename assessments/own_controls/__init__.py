"""Read the own controls of organizations from the database, and try an own control before it is published."""
