"""Three values, intervals, partial dates, facts with evidence, dated rows: no medicine, no FHIR."""
