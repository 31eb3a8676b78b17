"""The catalogue: one module per control (or family), found by walking this package. Pure functions."""
