"""The command line: assess records, serve, look into the knowledge files; the other commands have own files."""

from __future__ import annotations

import argparse
import csv
import gc
import sys
import textwrap
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from service.assembly import QUESTION_PARAMETERS, build_service, load_registry, read_question
from service.cards.languages import LANGUAGES
from service.cli_answers import add_answers
from service.cli_feedback import add_feedback
from service.cli_replay import add_replay
from service.cli_screen import add_screen
from service.cli_synth import add_synth
from service.cli_trials import add_trials, show_trial, trial_of
from service.errors import KnowledgeError, OutOfTime, RecordError, RequestError, ServiceError, StoreError, UpstreamError
from service.knowledge.changes import changes
from service.knowledge.checks import code_shape, stale
from service.knowledge.checks.talk import talk_rows_without_home
from service.knowledge.complaints import did_you_mean
from service.knowledge.lines import with_lines
from service.knowledge.schema import Verification
from service.record.unmapped import LONGEST_TEXT, UnmappedCodes
from service.settings import read_settings
from service.terminology.codes import code_fault
from service.terminology.site_mapping import COMMENT, HEADER, Suggestions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from service.assembly import Service
    from service.cards.compose import CardWriter
    from service.consultation import Consultation
    from service.knowledge.schema import DatedRow, Indication, RiskSystem
    from service.record.unmapped import UnmappedCode

ANSWERED, WRONG_USAGE, KNOWLEDGE_FAULTY, RECORD_UNUSABLE, UPSTREAM_FAILED, STORE_FAILED = 0, 2, 3, 4, 5, 6
_INTERRUPTED = 130

EXIT_CODES: dict[type[ServiceError], int] = {
    KnowledgeError: KNOWLEDGE_FAULTY,
    RecordError: RECORD_UNUSABLE,
    RequestError: WRONG_USAGE,
    OutOfTime: RECORD_UNUSABLE,
    UpstreamError: UPSTREAM_FAILED,
    StoreError: STORE_FAILED,
}
"""The nearest class in the tree of an error decides."""


def exit_code_of(error: ServiceError) -> int:
    """Return the exit code of an error."""
    return next((EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES), RECORD_UNUSABLE)


def main(argv: Sequence[str] | None = None) -> int:
    """Return the exit code.

    0 answered, 2 wrong usage, 3 knowledge faulty, 4 record unusable, 5 upstream failed, 6 store failed.
    """
    given = parser().parse_args(argv)
    run: Callable[[argparse.Namespace], int] = given.run
    try:
        return run(given)
    except ServiceError as error:
        _complain(error)
        return exit_code_of(error)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has gone; nothing is left to be said
        return ANSWERED
    except KeyboardInterrupt:
        return _INTERRUPTED


def parser() -> argparse.ArgumentParser:
    """Return the words that the command line understands."""
    top = argparse.ArgumentParser(
        prog="all-cds", description="Approved immunotherapies for acute lymphoblastic leukaemia, with reasons."
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    assess = commands.add_parser(
        "assess", help="answer for FHIR bundles", description="One answer for each bundle, on standard output."
    )
    assess.add_argument("files", nargs="+", metavar="FILE", help="a FHIR R4 bundle; - is standard input")
    assess.add_argument("--as-of", metavar="DATE", help="the day that is asked about; today if not given")
    assess.add_argument("--known-by", metavar="DATE", help="use only what the knowledge files held by that day")
    assess.add_argument("--regulators", metavar="LIST", help="whose labels: EMA, FDA, AEMPS, separated by commas")
    assess.add_argument("--country", metavar="CODE", help="ISO 3166 code")
    assess.add_argument("--site-group", metavar="NAME", help="study group of the centre")
    assess.add_argument("--place", metavar="LAT,LON", help="where the patient is, to tell how far the sites of a trial are")
    assess.add_argument(
        "--format", choices=("json", "text", "cards"), default="json", help="json: the assessment; text: for people"
    )
    assess.add_argument("--language", choices=LANGUAGES, help="of cards and text; ALL_CDS_LANGUAGE if not given, else en")
    assess.add_argument("--strict", action="store_true", help="validate the resources that facts rest on against FHIR R4 too")
    assess.set_defaults(run=_assess)
    serve = commands.add_parser("serve", help="answer over HTTP", description="CDS Hooks and POST /assess over HTTP.")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=_port, default=8000)
    serve.add_argument("--workers", type=_positive, help="processes; ALL_CDS_WORKERS if not given")
    serve.set_defaults(run=_serve)
    knowledge = commands.add_parser("knowledge", help="look into the knowledge files").add_subparsers(
        dest="look", required=True, metavar="COMMAND"
    )
    check = knowledge.add_parser("check", help="load everything; list faults, stale and unverified rows")
    check.add_argument(
        "--older-than", type=_positive, default=365, metavar="DAYS", help="sources read longer ago are stale; 365 if not given"
    )
    check.set_defaults(run=_knowledge_check)
    show = knowledge.add_parser("show", help="one therapy, indication, risk system or trial with its dated rows")
    show.add_argument("id", metavar="ID")
    show.set_defaults(run=_knowledge_show)
    log = knowledge.add_parser("log", help="what changed when: all dated rows, oldest first")
    log.set_defaults(run=_knowledge_log)
    codes = commands.add_parser("codes", help="look into the codes of bundles").add_subparsers(
        dest="look", required=True, metavar="COMMAND"
    )
    unmapped = codes.add_parser("unmapped", help="codes that are not understood, the most frequent first")
    unmapped.add_argument("files", nargs="+", metavar="BUNDLE", help="a FHIR R4 bundle; - is standard input")
    unmapped.add_argument(
        "--format", choices=("text", "csv"), default="text", help="text: for people; csv: a site mapping to be completed"
    )
    unmapped.add_argument("--most", type=_positive, metavar="N", help="no more than N codes")
    unmapped.set_defaults(run=_codes_unmapped)
    add_trials(commands)
    add_feedback(commands)
    add_answers(commands)
    add_replay(commands)
    add_screen(commands)
    add_synth(commands)
    return top


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:  # noqa: PLR2004 - the ports there are
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return int(text)


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError("a number from 1 is expected")
    return int(text)


def _complain(error: ServiceError, name: str = "") -> None:
    where = ": ".join(part for part in (name, error.where) if part)
    hint = f" ({error.hint})" if error.hint else ""
    print(f"all-cds: {where}: {error.message}{hint}" if where else f"all-cds: {error.message}{hint}", file=sys.stderr)


# ---------------------------------------------------------------- assess


def _assess(given: argparse.Namespace) -> int:
    settings = read_settings()
    asked = {name: value for name in QUESTION_PARAMETERS if (value := getattr(given, name)) is not None}
    question = read_question(asked, settings, date.today())  # noqa: DTZ011 - the day where the command is given
    service = _with_registry(build_service(settings))
    worst = ANSWERED
    for name in given.files:
        try:
            body = _read(name)
            consultation = service.consult_bundle(body, question, strict=given.strict)
        except ServiceError as error:
            _complain(error, name)
            worst = max(worst, exit_code_of(error))
        else:
            cards = service.cards_in(given.language or settings.language)
            _write(cards, consultation, given.format, several=len(given.files) > 1)
    return worst


def _with_registry(service: Service) -> Service:
    """Return the service with what the store has seen of trials; a store that fails leaves the sightings of our files."""
    try:
        registry = load_registry(service.settings)
    except StoreError as error:
        _complain(error)
        return service
    return replace(service, registry=lambda: registry)


def _read(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise RequestError(f"the file cannot be read: {error.strerror}") from None


def _write(cards: CardWriter, consultation: Consultation, form: str, *, several: bool) -> None:
    """Write one answer: indented where it is the only one, else one line each so that lines can be told apart."""
    from service.cards.summary import plain_summary  # noqa: PLC0415 - only for people

    if form == "text":
        sys.stdout.write(plain_summary(consultation, cards.wording, cards.sentences.texts))
    else:
        document = cards.write(consultation).to_wire() if form == "cards" else _document(consultation)
        sys.stdout.write(orjson.dumps(document, option=0 if several else orjson.OPT_INDENT_2).decode() + "\n")
    sys.stdout.flush()


def _document(consultation: Consultation) -> dict[str, object]:
    from service.consultation import assessment_document  # noqa: PLC0415 - beside its only use

    return assessment_document(consultation)


# ---------------------------------------------------------------- serve


def _serve(given: argparse.Namespace) -> int:
    from service.web.safe_start import refuse_unsafe, what_is_kept, who_may_call  # noqa: PLC0415 - the other commands need no server
    from service.web.serve import serve, workers_of  # noqa: PLC0415

    gc.disable()  # nearly all that a start makes stays; the warm-up looks through it once and switches the collector on again
    settings = read_settings()
    refuse_unsafe(settings)
    service = build_service(settings)
    workers = given.workers or workers_of(service)
    print(
        f"all-cds: knowledge {service.rules.library.version}, http://{given.host}:{given.port}, {workers} process(es). "
        f"{who_may_call(settings, given.host)} {what_is_kept(settings)}",
        file=sys.stderr,
        flush=True,
    )
    serve(service, given.host, given.port, workers)
    return ANSWERED


# ---------------------------------------------------------------- knowledge


def _knowledge_check(given: argparse.Namespace) -> int:
    service = build_service()  # raises with every fault
    library = service.rules.library
    if faults := tuple(code_shape.check(library, code_fault)):
        raise KnowledgeError(with_lines(faults, library.paths))
    print(f"knowledge {library.version} ({library.digest}): no faults")
    for old in stale.check(library, date.today(), given.older_than):  # noqa: DTZ011 - the day where the command is given
        print(f"stale: {old}")
    marks = Counter(
        mark for place in library.places if isinstance(mark := getattr(place.row, "verification", None), Verification)
    )
    print("rows by verification: " + ", ".join(f"{mark.name.lower()} {marks[mark]}" for mark in Verification))
    for language, translations in library.translations.items():
        said = f"translated to {language}: {len(translations.texts)} texts"
        print(f"{said}, {translations.waiting} of them not clinically reviewed")
    for row in talk_rows_without_home(library):
        print(f"talk row without a home: {row.id} {row.text}")
    return ANSWERED


def _knowledge_show(given: argparse.Namespace) -> int:
    library = build_service().rules.library
    wanted = given.id.casefold()
    for therapy in library.therapies.values():
        if wanted in {therapy.product, therapy.short.casefold()}:
            print(f"{therapy.name} ({therapy.product}), {therapy.kind}, target {therapy.target}")
            for indication in therapy.indications:
                _show_indication(indication)
            return ANSWERED
        for indication in therapy.indications:
            if wanted == indication.id.casefold():
                _show_indication(indication)
                return ANSWERED
    for system in library.risk_systems.values():
        if wanted == system.system.casefold():
            _show_system(system)
            return ANSWERED
    if (trial := trial_of(library.trials, wanted)) is not None:
        show_trial(trial)
        return ANSWERED
    known = [
        *library.therapies,
        *(row.id for found in library.therapies.values() for row in found.indications),
        *library.risk_systems,
        *library.trials,
    ]
    raise RequestError(
        "there is no therapy, indication, risk system or trial of this name", where="ID", hint=did_you_mean(given.id, known)
    )


def _dates(row: DatedRow) -> str:
    end = f" to {row.until}" if row.until else ""
    window = f", uncertain from {row.uncertain_from}" if row.uncertain_from else ""
    return f"from {row.effective}{end}{window}, recorded {row.recorded}"


def _show_indication(indication: Indication) -> None:
    print(f"\n{indication.id} {indication.regulator}: {indication.says}")
    for version in indication.versions:
        print(f"  {_dates(version)}: {version.status} [{version.verification.value}], sources {', '.join(version.sources)}")
        for criterion in version.criteria:
            print(f"    {criterion.id}: {criterion.text} [{criterion.verification.value}]")
        for text in version.unverified:
            print(f"    not verified: {text}")
        for text in version.interpretation:
            print(f"    our reading: {text}")


def _show_system(system: RiskSystem) -> None:
    print(f"{system.system}: {system.title}. {system.population}")
    for version in system.versions:
        print(f"  {_dates(version)} [{version.verification.value}], sources {', '.join(version.sources)}")
        for row in version.rows:
            print(f"    {row.id}: {', '.join(f'{name} {limit}' for name, limit in row.when.items())} => {row.then}")


def _knowledge_log(_given: argparse.Namespace) -> int:
    for change in changes(build_service().rules.library):
        print(f"{change.day} {change.line}")
    return ANSWERED


# ---------------------------------------------------------------- codes


def _codes_unmapped(given: argparse.Namespace) -> int:
    rules = build_service().rules
    unmapped = UnmappedCodes(rules.vocabulary.terms)
    worst, answered = ANSWERED, False
    for name in given.files:
        try:
            unmapped.add(_read(name))
            answered = True
        except ServiceError as error:
            _complain(error, name)
            worst = max(worst, exit_code_of(error))
    if answered:
        suggestions = Suggestions(rules.vocabulary.terms.names_in, rules.library.value_sets)
        rows = unmapped.listed()
        if given.format == "csv":
            rows = tuple(row for row in rows if row.system and row.code)  # nothing else can stand in a mapping
            _write_proposals(rows[: given.most], suggestions)
        else:
            _write_unmapped(rows[: given.most], suggestions)
        if given.most is not None and len(rows) > given.most:
            print(f"all-cds: {len(rows) - given.most} more", file=sys.stderr)
    return worst


def _write_unmapped(rows: Sequence[UnmappedCode], suggestions: Suggestions) -> None:
    for row in rows:
        code = f"{row.system or '(no system)'}|{row.code}" if row.code else "(no code)"
        perhaps = ", ".join(suggestions.for_words(row.display, is_answer=row.is_answer))
        print(f"{row.seen:6} {code} {_shown(row.display)} [{', '.join(row.places)}]" + (f" perhaps {perhaps}" if perhaps else ""))
    if not rows:
        print("every code is understood")


def _write_proposals(rows: Sequence[UnmappedCode], suggestions: Suggestions) -> None:
    """Write lines that mean nothing until somebody takes the first sign away: a proposal must not become active unread."""
    lines = csv.writer(sys.stdout, lineterminator="")
    lines.writerow(HEADER)
    print()
    for row in rows:
        sys.stdout.write(f"{COMMENT} ")
        best = suggestions.for_words(row.display, is_answer=row.is_answer)[:1]
        lines.writerow((row.system, row.code, *(best or ("",))))
        print(f"  {COMMENT} {_shown(row.display)} {row.seen} x {', '.join(row.places)}")


def _shown(display: str) -> str:
    return f'"{textwrap.shorten(display, LONGEST_TEXT, placeholder="…")}"' if display else "(no display)"


if __name__ == "__main__":
    sys.exit(main())
