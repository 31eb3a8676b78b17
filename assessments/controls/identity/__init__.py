"""Identity: Entra users, roles and guests."""
