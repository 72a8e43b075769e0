"""Codes and names → concepts: no FHIR, no clock, no files."""
