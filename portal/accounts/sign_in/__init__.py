"""Signing in: passwords and their forms, limits of attempts, an organization's policy, proof before risky actions."""
