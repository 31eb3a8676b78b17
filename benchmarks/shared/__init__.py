"""Code that several benchmarks use. It sets up installations, estates and data, and measures processes and pages."""
