"""The requirements of framework versions, in one data file per version (`data/<key>.toml`).

Pure; does not import controls.
"""
