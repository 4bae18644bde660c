"""The values of mappings: paths, numbers, texts and moments, read by Segment's rules."""
