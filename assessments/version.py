"""The product's version, as reports and assessments record it."""

VERSION = "0.1.0"
