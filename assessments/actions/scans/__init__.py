"""Import files of vulnerability scanners, and add their entries to the data that controls judge."""
