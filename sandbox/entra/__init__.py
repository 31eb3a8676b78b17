"""Microsoft Entra: sign-ins of applications."""
