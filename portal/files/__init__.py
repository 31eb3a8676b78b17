"""Read and write files in the formats CSV, XLSX, YAML, PFX and OSCAL, store private files, and run programs that read
untrusted content.
"""
