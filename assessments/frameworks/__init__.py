"""The requirements of framework versions. Each version has a data file (`data/<key>.toml`).

Pure functions. This package does not import controls.
"""
