"""The values that mappings work on: paths, numbers, texts, moments."""
