"""Made-up records: patients told as stories, written as FHIR, and whole cohorts of them with their true facts beside them."""
