"""Benchmarks are programs that measure and print figures. No test depends on these figures. See README.md."""
