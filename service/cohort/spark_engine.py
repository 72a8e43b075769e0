"""A cohort on Apache Spark: files are read as tasks, put together by patient by Spark's shuffle, and judged as tasks."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from service.cohort.deletions import write_deletions
from service.cohort.files import read_json, write_json
from service.cohort.judging import ShareTask
from service.cohort.part_rows import SCHEMA
from service.cohort.parts import first_lines, not_received, parts_of, told_of
from service.cohort.program import program_mark
from service.cohort.spark_session import failures_told, spark_session
from service.cohort.spark_tasks import Carried, judge_one, read_one
from service.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from pyspark.sql import SparkSession

    from service.cohort.judging import Judge
    from service.cohort.parts import PartTask, Told
    from service.cohort.screening import Bars, Plan
    from service.cohort.spark_session import SparkSettings
    from service.cohort.work_folder import WorkFolder

# The same as on one machine (grouping.py, where the reasons stand). `share` names the folder that the rows are written to.
_OWN = """
SELECT {own}, bucket AS share FROM parts own JOIN beginnings ON own.part = beginnings.part
WHERE patient <> '' AND sort <> 'shades'
"""
_SHADES = """
UNION ALL
SELECT {own}, bucket AS share FROM parts own JOIN beginnings ON own.part = beginnings.part
LEFT SEMI JOIN (SELECT DISTINCT patient FROM parts WHERE sort <> 'shades') others ON own.patient = others.patient
WHERE patient <> '' AND sort = 'shades'
"""
_SHARED = """
UNION ALL
SELECT {shared}, pointing.bucket AS share
FROM (SELECT DISTINCT bucket, patient, pointer FROM parts WHERE patient <> '' AND sort = 'resource' AND pointer <> '') pointing
JOIN parts own ON own.patient = '' AND own.sort = 'resource' AND own.type = 'Medication' AND own.id = pointing.pointer
JOIN beginnings ON own.part = beginnings.part
"""
_TYPES = {pa.int32(): "int", pa.int64(): "bigint", pa.string(): "string", pa.bool_(): "boolean", pa.binary(): "binary"}
_ROW_GROUP = 16 * 1024 * 1024  # bytes held by a task that writes
_LOOKED_EVERY = 0.3  # seconds
_MOST_TASKS = 10_000  # of one stage: beyond, several files are one task

Task = TypeVar("Task")


class Sessions(Protocol):
    """How a session is begun; tests use one for all."""

    def __call__(self, spilled: Path, memory: str, partitions: int) -> AbstractContextManager[SparkSession]:
        """Give a session, and end it where it was begun for this."""
        ...


@dataclass(frozen=True, slots=True)
class SparkEngine:
    """Reads and judges on Spark; a session begins only where something is left to do."""

    sessions: Sessions
    settings: Settings  # by which executors read the knowledge

    @classmethod
    def of(cls, spark: SparkSettings, settings: Settings) -> SparkEngine:
        """Return the engine with sessions of its own."""
        # the others are nothing to executors: the address of a store may hold a password
        knowledge = Settings(knowledge_folders=settings.knowledge_folders, site_mapping=settings.site_mapping)
        return cls(partial(spark_session, spark), knowledge)

    def __call__(  # noqa: PLR0913 - an Engine
        self, plan: Plan, judge: Judge, folder: WorkFolder, buckets: int, bars: Bars, say: Callable[[str], None]
    ) -> tuple[list[PartTask], list[ShareTask]]:
        """Return the parts and the shares, all of them whole. Raises: StoreError where Spark gives up."""
        folder = replace(folder, path=folder.path.resolve())  # executors work elsewhere
        parts = parts_of(plan.inputs.sources, folder.parts, buckets)
        unread = sorted((task for task in parts if not task.counts.exists()), key=lambda task: -task.source.weight)
        shares = _shares(folder, parts)
        if not unread and shares is not None and all(task.counts.exists() for task in shares):
            return parts, shares
        if len(unread) < len(parts):
            say(f"{len(parts) - len(unread)} of {len(parts)} parts of the input are read already")
        with self.sessions(folder.path / "spilled", plan.memory, buckets) as spark, self._work(spark, judge, folder) as work:
            with bars("reading", sum(task.size for task in unread), "B") as advance:
                work.each(unread, read_one, lambda task: task.size, advance)
            write_deletions(parts, folder.parts)
            if shares is None:
                with bars("putting together", 1, " steps") as advance:
                    work.run(partial(_group, spark, folder, parts))
                    advance(1)
                shares = _shares(folder, parts) or []
            left = [task for task in shares if not task.counts.exists()]
            if len(left) < len(shares):
                say(f"{len(shares) - len(left)} of {len(shares)} shares of the patients are judged already")
            with bars("judging", sum(task.patients for task in left), " patients") as advance:
                work.each(left, judge_one, lambda task: task.patients, advance)
        return parts, shares

    @contextmanager
    def _work(self, spark: SparkSession, judge: Judge, folder: WorkFolder) -> Iterator[_Work]:
        """Give what does the work, with a folder for attempts that ends with it; those of a screening that was killed go too."""
        for old in folder.path.glob("attempts-*"):
            shutil.rmtree(old, ignore_errors=True)
        attempts = folder.path / f"attempts-{uuid4().hex}"
        attempts.mkdir()
        asked = judge.question, judge.other, judge.registry
        try:
            yield _Work(spark, Carried(self.settings, *asked, judge.rules.library.digest, program_mark(), attempts))
        finally:
            shutil.rmtree(attempts, ignore_errors=True)


def _grouped(folder: WorkFolder) -> Path:
    """Return where Spark puts the resources by patient: among the parts, with which it becomes useless."""
    return folder.parts / "grouped"


def _shares(folder: WorkFolder, parts: Sequence[PartTask]) -> list[ShareTask] | None:
    """Return the shares of what was put together; None where it was not."""
    told = read_json(_grouped(folder).with_suffix(".json"))
    patients = told.get("patients") if told else None
    if not isinstance(patients, dict):
        return None
    files = {path.parent.name.partition("=")[2]: path for path in _grouped(folder).glob("share=*/*.parquet")}
    paths, unavailable = (folder.parts, folder.shares), not_received(parts)
    return [ShareTask(int(bucket), number, files[bucket], *paths, unavailable) for bucket, number in patients.items()]


def _group(spark: SparkSession, folder: WorkFolder, parts: Sequence[PartTask]) -> None:
    """Write all that is known of each patient, one file for each share of the patients; then how many a share has."""
    columns = ", ".join(f"{field.name} {_TYPES[field.type]}" for field in SCHEMA)
    spark.read.schema(columns).parquet(f"{_readable(folder.parts)}/*.parquet").createOrReplaceTempView("parts")
    _tell_beginnings(spark, folder, parts)
    rows = spark.sql(_query([told_of(part) for part in parts])).repartition("share")
    target = _grouped(folder)
    writing = rows.write.mode("overwrite").option("compression", "zstd").option("parquet.block.size", str(_ROW_GROUP))
    writing.partitionBy("share").parquet(f"file://{target}")
    spark.read.schema("patient string, share int").parquet(_readable(target)).createOrReplaceTempView("grouped")
    found = spark.sql("SELECT share, count(DISTINCT patient) FROM grouped GROUP BY share ORDER BY share").collect()
    write_json(target.with_suffix(".json"), {"patients": {str(share): number for share, number in found}})


def _query(told: Sequence[Told]) -> str:
    """Return the question to the engine; what nobody needs is not asked."""
    names = [field.name for field in SCHEMA if field.name != "part"]
    own = {name: f"own.{name}" for name in names} | {"number": "own.number + before AS number"}
    shared = own | {"bucket": "pointing.bucket", "patient": "pointing.patient"}
    query = _OWN
    if any(one.counts.get("shadows") for one in told):
        query += _SHADES
    if any(one.pointing for one in told):
        query += _SHARED
    return query.format(own=", ".join(own.values()), shared=", ".join(shared.values()))


def _tell_beginnings(spark: SparkSession, folder: WorkFolder, parts: Sequence[PartTask]) -> None:
    """Let the engine know at which line of its file each part begins."""
    before = first_lines(parts)
    place = _grouped(folder).with_name("beginnings")
    place.mkdir(exist_ok=True)
    numbers, lines = pa.array(before, pa.int32()), pa.array(before.values(), pa.int64())
    pq.write_table(pa.table({"part": numbers, "before": lines}), place / "beginnings.parquet")
    spark.read.schema("part int, before bigint").parquet(_readable(place)).createOrReplaceTempView("beginnings")


def _readable(path: Path) -> str:
    """Return the address under which Spark reads a folder: signs that would be a pattern to it stand for themselves."""
    return "file://" + "".join(f"\\{sign}" if sign in "{}[]*?\\" else sign for sign in str(path))


@dataclass(frozen=True, slots=True)
class _Work:
    """What is done on a session."""

    spark: SparkSession
    carried: Carried

    def each(
        self,
        tasks: Sequence[Task],
        work: Callable[[Task, Carried, int], None],
        weigh: Callable[[Task], int],
        advance: Callable[[int], object],
    ) -> None:
        """Do all tasks, telling of each how much it was as it ends."""
        if not tasks:
            return
        context = self.spark.sparkContext
        carried = context.broadcast(self.carried)
        done = context.accumulator(0)

        def in_worker(task: Task) -> None:
            from pyspark import TaskContext  # noqa: PLC0415 - see spark_session

            told = TaskContext.get()
            work(task, carried.value, told.taskAttemptId() if told else 0)
            done.add(weigh(task))

        action = context.parallelize(tasks, min(len(tasks), _MOST_TASKS)).foreach
        told = 0
        for _ in self._running(partial(action, in_worker)):
            advance(done.value - told)
            told = done.value
        carried.destroy()

    def run(self, action: Callable[[], None]) -> None:
        """Do one thing."""
        for _ in self._running(action):
            pass

    def _running(self, action: Callable[[], None]) -> Iterator[None]:
        """Yield again and again while it goes on, and once at the end; who stops asking stops it. Raises: StoreError."""
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(action)
            try:
                while not future.done():
                    try:
                        future.exception(_LOOKED_EVERY)
                    except TimeoutError:
                        yield
            finally:
                if not future.done():
                    self.spark.sparkContext.cancelAllJobs()
        with failures_told():
            future.result()
        yield
