"""Operators: who may see what is not for Segment, and how they sign in with SEGXERO_PASSWORD."""
