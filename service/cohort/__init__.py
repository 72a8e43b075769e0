"""A whole cohort at once: exports are read line by line, put together by patient, judged share by share, and counted."""
