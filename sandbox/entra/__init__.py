"""Emulate the sign-in of applications at Microsoft Entra."""
