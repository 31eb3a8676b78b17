"""A tenant's overview, trend and changes between assessments."""
