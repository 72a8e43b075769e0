"""What a screening found, in words and small tables for a terminal: counts only, nobody's data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.cohort.outputs import recruitments
from service.cohort.reasons import in_words
from service.errors import RequestError
from service.knowledge.complaints import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.cohort.judging import Judge
    from service.cohort.report import Report
    from service.consultation import Question
    from service.knowledge.library import Library

_NEEDS_SHOWN = 10
_PATIENTS = "patients "


def targets_of(name: str, library: Library) -> tuple[tuple[str, str], ...]:
    """Return kind and id of the verdicts that a product, an indication or a trial stands for. Raises: RequestError."""
    wanted = name.casefold()
    for therapy in library.therapies.values():
        if wanted in {therapy.product.casefold(), therapy.short.casefold()}:
            regulators = dict.fromkeys(row.regulator for row in therapy.indications)
            return tuple(("therapy", f"{regulator}/{therapy.product}") for regulator in regulators)
        for row in therapy.indications:
            if wanted == row.id.casefold():
                return (("indication", row.id),)
    for trial in library.trials.values():
        if wanted in {trial.id.casefold(), trial.name.casefold(), *(row.number.casefold() for row in trial.numbers)}:
            return (("trial", trial.id),)
    known = [*library.therapies, *library.trials, *(row.id for item in library.therapies.values() for row in item.indications)]
    raise RequestError("there is no therapy, indication or trial of this name", where="--for", hint=did_you_mean(name, known))


def told(report: Report, judge: Judge, targets: tuple[tuple[str, str], ...]) -> Iterator[str]:
    """Yield the lines: what was read, what was not, what became of the patients, and the verdicts that were asked for."""
    counts = report.counts
    yield from _read(report)
    for question in judge.questions:
        day = question.as_of.isoformat()
        found = ", ".join(f"{number} {became}" for (on, became), number in sorted(counts.patients.items()) if on == day)
        yield f"patients on {day}: {found or 'none'}"
        shown = targets or tuple(dict.fromkeys((kind, name) for on, kind, name, _ in sorted(counts.verdicts) if on == day))
        for kind, name in shown:
            yield from _verdicts(report, judge, question, kind, name)
        for target in targets:
            yield from _attrition(report, day, *target)
    for kind, name, then, now in sorted(counts.changes):
        if then != now and (not targets or (kind, name) in targets):
            yield f"{kind} {name}: {then} -> {now}: {_counted(counts.changes[kind, name, then, now], 'patient')}"
    yield from _needs(report, judge.question.as_of.isoformat(), targets)


def _read(report: Report) -> Iterator[str]:
    yield f"{_counted(report.files, 'file')}, " + ", ".join(f"{number} {name}" for name, number in sorted(report.lines.items()))
    for code, number in sorted(report.rejected.items()):
        yield f"rejected: {number} {in_words(code)}"
    if report.unowned:
        yield f"{report.unowned} of what was rejected may be any patient's: what is not recorded may have stood there"
    if report.servers > 1:
        yield f"this is of {report.servers} servers: patients of one id are taken for one; screen each export by itself"
    if report.not_received:
        kinds = ", ".join(report.not_received)
        yield f"none came of: {kinds}; what these could tell is unknown, nothing of it counts as absent: export them too"
    for name, code in report.unread:
        yield f"cannot be read: {name}: {in_words(code)}"
    for name in report.ignored:
        yield f"not read: {name}"
    for (name,), number in sorted(report.counts.noted.items()):
        yield f"{_counted(number, 'patient')} {name.removeprefix(_PATIENTS)}"


def _counted(number: object, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _verdicts(report: Report, judge: Judge, question: Question, kind: str, name: str) -> Iterator[str]:
    counts, day = report.counts.verdicts, question.as_of.isoformat()
    found = [f"{number} {word}" for (on, sort, of, word), number in sorted(counts.items()) if (on, sort, of) == (day, kind, name)]
    if not found and kind == "therapy" and name.partition("/")[0] not in question.regulators:
        found = ["not asked for, see --regulators"]
    yield f"  {kind} {name}{_title(judge, question, kind, name)}: {', '.join(found) or 'nobody was judged'}"


def _title(judge: Judge, question: Question, kind: str, name: str) -> str:
    """Return in brackets how people call it, and of a trial what is known of its recruitment on the day; '' where nothing is."""
    library = judge.rules.library
    if kind == "indication":
        rows = (row for item in library.therapies.values() for row in item.indications)
        return next((f" ({row.says})" for row in rows if row.id == name), "")
    if kind != "trial" or name not in library.trials:
        return ""
    recruiting = recruitments(judge, question)[name]
    seen = f" as seen {recruiting.seen}" if recruiting.seen else ""
    return f" ({library.trials[name].name}; open: {recruiting.open}{seen})"


def _attrition(report: Report, day: str, kind: str, name: str) -> Iterator[str]:
    for row in report.counts.attrition.rows():
        on, _, subject, dated, _, criterion, text, entered, lost, unknown, met, met_so_far, *_ = row
        if on == day and (subject == name or (kind == "indication" and str(dated).split(" ")[0] == name)):
            numbers = f"of {entered}: {lost} lost, {unknown} unknown, {met} met; {met_so_far} met all so far"
            yield f"    {dated} {criterion}: {numbers}. {text}"
    if report.unowned and kind == "trial":
        rejects = _counted(report.unowned, "reject")
        yield f"    {rejects} may be any patient's: what counts as absent here (absence-assumed) may stand there"


def _needs(report: Report, day: str, targets: tuple[tuple[str, str], ...]) -> Iterator[str]:
    names = tuple(name for kind, name in targets if kind != "indication") or ("",)
    for name in names:
        for fact, ask, patients, first, decided, verdicts in list(report.counts.needs_of(day, name))[:_NEEDS_SHOWN]:
            of_what = f" of {name}" if name else ""
            yield (
                f"missing{of_what}: {fact} in {_counted(patients, 'patient')}, first of all in {first}; "
                f"would decide {_counted(verdicts, 'verdict')} in {decided}. {ask}"
            )
