"""Import files of vulnerability scanners, and give their entries to the controls."""
