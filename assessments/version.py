"""The product's version, which reports and assessments record."""

VERSION = "0.1.0"
