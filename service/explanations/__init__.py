"""Answers that are kept for a while: under which address, what of them, and what would be answered today."""
