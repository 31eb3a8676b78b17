"""The evidence of an assessment as an estate file, which `assess_estate` judges again."""
