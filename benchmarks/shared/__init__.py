"""What several benchmarks use: installations, estates, data, and measurements of processes and pages."""
