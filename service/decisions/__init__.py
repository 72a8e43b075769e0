"""Facts and dated knowledge become verdicts, each with its trace."""
