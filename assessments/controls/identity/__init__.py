"""Controls of identity: Entra users, roles and guests."""
