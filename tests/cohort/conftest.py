"""A small cohort: the made-up patients, written as an export is, and screened."""

import gc
import gzip
import json
import random
from collections import defaultdict
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from service.assembly import build_service
from service.cohort.inputs import find_inputs
from service.cohort.judging import Judge
from service.cohort.screening import Plan, on_this_machine, screen
from service.cohort.spark_engine import SparkEngine
from service.cohort.spark_session import read_spark_settings, spark_session
from service.consultation import Question
from service.decisions.bind import Rules
from service.knowledge.registry import NOTHING_SEEN
from service.settings import Settings

QUESTION = Question(as_of=date(2026, 11, 22), known_by=date(2026, 11, 22), regulators=("EMA", "FDA"))


@pytest.fixture
def folder(tmp_path):
    """An empty folder of an export."""
    place = tmp_path / "export"
    place.mkdir()
    return place


@contextmanager
def no_bars(name, total, unit):
    yield [].append


@pytest.fixture(autouse=True, scope="module")
def kept_from_the_collector_again():
    """A screening hands back to the collector of garbage what tests/conftest.py kept from it."""
    yield
    gc.freeze()


@pytest.fixture(scope="session")
def service():
    return build_service(Settings())


@dataclass
class Screening:
    """Screens folders or files, and gives the report and the rows; `said` is what the operator was told."""

    rules: Rules
    place: Path
    said: list[str] = field(default_factory=list)

    def __call__(
        self,
        *inputs,
        output="out.ndjson",
        question=QUESTION,
        other=None,
        rules=None,
        registry=NOTHING_SEEN,
        engine=on_this_machine,
        **options,
    ):
        judge = Judge(rules or self.rules, registry, question, other)
        plan = Plan(find_inputs(inputs), self.place / output, self.place / "work", **options)
        report = screen(plan, judge, no_bars, self.said.append, engine)
        return report, rows_of(self.place / output)


@pytest.fixture
def screened(service, tmp_path):
    return Screening(service.rules, tmp_path)


# A short-lived Java is quicker without its second compiler, and small questions without code of their own.
QUICK = ("spark.driver.extraJavaOptions=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC", "spark.sql.codegen.wholeStage=false")


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    """The engine on one session for all tests: it takes seconds to begin. Without Java this is an error that says so."""
    settings = read_spark_settings("local[2,2]", QUICK, processes=2)  # a task that fails is tried once more
    with spark_session(settings, tmp_path_factory.mktemp("spilled"), "1GB", partitions=4) as session:
        yield SparkEngine(lambda *_: nullcontext(session), Settings())


def rows_of(path):
    """The rows of an output, as text in every column."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.suffix == ".ndjson" else []


def rejects_of(folder):
    """File, line and reason of each thing rejected."""
    found = [json.loads(line) for line in (folder / "out.rejects.ndjson").read_text(encoding="utf-8").splitlines()]
    return [(one["file"], one["line"], one["code"]) for one in found]


def write_lines(path, resources, zipped=False):
    data = b"".join(json.dumps(resource).encode() + b"\n" for resource in resources)
    path.write_bytes(gzip.compress(data) if zipped else data)


def as_on_a_server(body):
    text = body.decode()
    for entry in json.loads(body)["entry"]:
        address, resource = entry.get("fullUrl", ""), entry["resource"]
        if address.startswith("urn:uuid:"):
            text = text.replace(address, f"{resource['resourceType']}/{resource['id']}")
    return text


def export(bundles, folder, seed=7, files=3):
    """Write the resources of bundles as an export: files by type, several of a type, in no order; every second one gzip.

    Where a bundle's resources refer to each other by `urn:uuid:`, they do so by type and id once they are on a server.
    """
    folder.mkdir()
    shuffled = random.Random(seed)  # noqa: S311 - an order, no secret
    by_type = defaultdict(list)
    for body in bundles:
        for entry in json.loads(as_on_a_server(body))["entry"]:
            by_type[entry["resource"]["resourceType"]].append(entry["resource"])
    for kind, resources in by_type.items():
        shuffled.shuffle(resources)
        for number in range(files):
            zipped = number % 2 == 1
            name = f"{kind}.{number}.ndjson{'.gz' if zipped else ''}"
            write_lines(folder / name, resources[number::files], zipped)
    return folder
