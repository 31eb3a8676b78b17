"""Facts about Microsoft Entra and roles: who may sign in, how people sign in, and what roles permit. Pure functions."""
