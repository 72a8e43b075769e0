"""A session of Apache Spark: what must be installed, which settings it begins with, and what its failures mean.

Files named spark_* alone import pyspark, and only inside functions: who does not screen with Spark does not need it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import service
from service.errors import RequestError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pyspark.sql import SparkSession

OLDEST_JAVA = 17
SAID_BY_US = "all-cds could not do it: "  # before the reason in what a task of ours raises
_JAVA_VERSION = re.compile(r'version "(?:1\.)?(\d+)')
_CONDITION = re.compile(r"\[([A-Z][A-Z0-9_.]+)\]")
_SETTING = re.compile(r"spark\.[A-Za-z0-9_.-]+=.*", re.DOTALL)
_AGAIN = "what is done is kept: give the same command again and it goes on"
_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class SparkSettings:
    """Where Spark runs, and what the operator sets beside our settings, which it overrides."""

    master: str
    given: Mapping[str, str]

    @property
    def is_local(self) -> bool:
        """Whether everything runs on this machine."""
        return self.master.partition("[")[0] == "local"


def read_spark_settings(master: str | None, given: Sequence[str], processes: int) -> SparkSettings:
    """Return the settings; no `master`: this machine with so many tasks at a time, each tried four times as on a cluster.

    Raises: RequestError for a setting that is not `spark.key=value`, and where Spark or Java is not there.
    """
    for one in given:
        if not _SETTING.fullmatch(one):
            raise RequestError("a setting of Spark is expected", where="--spark-conf", hint="write spark.executor.memory=8g")
    _require_parts()
    pairs = (one.partition("=") for one in given)
    return SparkSettings(master or f"local[{processes},4]", {key: value for key, _, value in pairs})


def _require_parts() -> None:
    if find_spec("pyspark") is None:
        raise RequestError("Spark is not installed", where="--engine spark", hint=".venv/bin/pip install '.[spark]'")
    home = os.environ.get("JAVA_HOME")
    java = shutil.which(str(Path(home) / "bin" / "java")) if home else shutil.which("java")
    hint = f"install Java {OLDEST_JAVA}, such as Debian's openjdk-17-jre-headless, and set JAVA_HOME where it is not on the path"
    if java is None:
        raise RequestError("Spark needs Java, which was not found", where="--engine spark", hint=hint)
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr  # noqa: S603 - the Java that Spark starts
    version = _JAVA_VERSION.search(said)
    if version is None or int(version[1]) < OLDEST_JAVA:
        raise RequestError(f"Spark needs Java {OLDEST_JAVA} or newer", where=java, hint=hint)


@contextmanager
def spark_session(settings: SparkSettings, spilled: Path, memory: str, partitions: int) -> Iterator[SparkSession]:
    """Give a session, and end it. Raises: StoreError where it does not begin, RequestError for a folder that Spark takes for two.

    `spilled`: where data go that do not fit into memory, on this machine. `memory`: of Spark's own process on this machine.
    `partitions`: shares into which the data of a shuffle are cut.
    """
    from pyspark.logger import PySparkLogger  # noqa: PLC0415 - see above
    from pyspark.sql import SparkSession  # noqa: PLC0415 - see above

    PySparkLogger.getLogger("SQLQueryContextLogger").disabled = True  # it writes whole messages; see spark.log.level
    wanted = _wanted(settings, spilled, memory, partitions) | dict(settings.given)
    if "," in str(spilled) and wanted.get("spark.local.dir") == str(spilled):
        raise RequestError("Spark cannot work in a folder with a comma in its name", where="--work", hint="name another one")
    with failures_told(), _environment(settings, wanted):
        builder = SparkSession.builder.master(settings.master).appName("all-cds screen")
        for key, value in wanted.items():
            builder = builder.config(key, value)
        session = builder.getOrCreate()
    try:
        yield session
    finally:
        with suppress(StoreError), failures_told():  # a process that was killed cannot be stopped
            session.stop()


def _wanted(settings: SparkSettings, spilled: Path, memory: str, partitions: int) -> dict[str, str]:
    """Return our settings; COHORTS.md says which of them matter on a cluster."""
    wanted = {
        "spark.sql.shuffle.partitions": str(partitions),
        "spark.sql.files.ignoreCorruptFiles": "false",  # what is missing must not be missing in silence
        "spark.python.daemon.module": "service.cohort.spark_daemon",
        "spark.speculation": "false",  # a share judged twice at once helps nobody
        "spark.ui.showConsoleProgress": "false",  # the bar is ours
        "spark.log.level": "OFF",  # what Spark complains of may hold data of patients; we tell the reason in our words
    }
    if not settings.is_local:
        return wanted
    return wanted | {
        "spark.driver.host": _LOOPBACK,
        "spark.driver.bindAddress": _LOOPBACK,
        "spark.ui.enabled": "false",  # a page that shows what is done to everybody on this machine
        "spark.driver.memory": memory.replace("GB", "g").replace("MB", "m"),
        "spark.local.dir": str(spilled),
        # the same program in the workers, however it was found here
        "spark.executorEnv.PYTHONPATH": os.pathsep.join(filter(None, (_program(), os.environ.get("PYTHONPATH")))),
    }


def _program() -> str:
    """Return the folder in which our package lies."""
    return str(Path(service.__path__[0]).parent)


@contextmanager
def _environment(settings: SparkSettings, wanted: Mapping[str, str]) -> Iterator[None]:
    """Set what Spark reads from the environment as it begins, for so long."""
    before = dict(os.environ)
    if settings.is_local:
        os.environ["SPARK_LOCAL_IP"] = _LOOPBACK
        os.environ["PYSPARK_PYTHON"] = sys.executable
    if "spark.pyspark.python" in wanted:
        os.environ["PYSPARK_PYTHON"] = wanted["spark.pyspark.python"]
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def failures_told() -> Iterator[None]:
    """Turn what Spark complains of into an error that says what to do. Raises: StoreError."""
    from py4j.protocol import Py4JError  # noqa: PLC0415 - see above
    from pyspark.errors import PySparkException  # noqa: PLC0415 - see above

    try:
        yield
    except (Py4JError, PySparkException, ConnectionError) as error:
        raise StoreError(f"Spark stopped: {_reason(error)}", hint=_AGAIN) from error


def _reason(error: Exception) -> str:
    """Return one line of what may be pages of stack traces."""
    text = str(error)
    if SAID_BY_US in text:
        return text.partition(SAID_BY_US)[2].splitlines()[0]
    for sign, reason in _SIGNS.items():
        if sign in text:
            return reason
    condition = _CONDITION.search(text)  # never the rest: it may hold data of patients
    return f"{condition[1] if condition else type(error).__name__}; --spark-conf spark.log.level=ERROR tells more"


# In this order: a full disk kills workers and executors too.
_SIGNS = {
    "No module named 'service": "the Python of the executors has no all-cds",
    "No space left on device": "No space left on device",
    "Python worker exited unexpectedly": "a Python worker was killed with each attempt, perhaps for lack of memory",
    "ExecutorLostFailure": "an executor was lost with each attempt, perhaps for lack of memory",
    "OutOfMemoryError": "Spark's own process had too little memory",
    "Answer from Java side is empty": "Spark's own process was killed",
    "Connection refused": "Spark's own process was killed",
}
