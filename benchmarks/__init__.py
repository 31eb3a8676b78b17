"""Benchmarks: programs that measure and print figures. No test depends on the figures. See README.md."""
