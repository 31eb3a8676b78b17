"""Reports: building, downloading, verifying."""
