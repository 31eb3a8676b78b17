"""Benchmarks. They measure and print; tests never assert their results. See README.md."""
