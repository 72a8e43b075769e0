"""Dated data with sources, and the checks that refuse to start on a faulty file."""
