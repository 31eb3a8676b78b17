"""Facts about management groups, Azure Policy and Defender for Cloud. Pure functions."""
