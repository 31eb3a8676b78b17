"""Formats and files: CSV, XLSX, YAML, PFX and OSCAL, private files, and programs that read untrusted content."""
