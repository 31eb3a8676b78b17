"""Export the evidence of an assessment as an estate file, which the command `assess_estate` can judge again."""
