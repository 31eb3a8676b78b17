"""The numbers of framework versions, one data file each (`data/<key>.toml`). Pure; knows nothing of controls."""
