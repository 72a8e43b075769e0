"""Verdicts worked out in longhand: the rows of the knowledge files read one by one, for what is true and for what was told.

Nothing here knows how the service decides; what both say of a made-up patient is compared.
"""
