"""The process from which Spark forks its Python workers: our program is loaded once in it, not in each of them."""

from __future__ import annotations

import gc

from service.cohort.program import program_mark


def main() -> None:
    """Fork a worker whenever Spark asks for one."""
    from pyspark.daemon import manager  # noqa: PLC0415 - see spark_session

    program_mark()  # remembered
    gc.freeze()  # what is loaded stays shared by the workers
    manager()


if __name__ == "__main__":
    main()
