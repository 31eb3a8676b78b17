"""The requirements of framework versions, in one data file per version (`data/<key>.toml`).

Pure functions. This package does not import controls.
"""
