"""Facts about Microsoft Entra and roles: who may sign in, how, and what they may do. Pure functions."""
