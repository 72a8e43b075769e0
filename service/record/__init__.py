"""FHIR ends here: bundles and prefetch become one small, typed patient record."""
