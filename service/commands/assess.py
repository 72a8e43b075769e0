"""The command that answers for FHIR bundles."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import orjson

from service.assembly import build_service
from service.cards.languages import LANGUAGES
from service.commands.words import (
    ANSWERED,
    add_question,
    complain,
    doubt_site_group,
    exit_code_of,
    question_asked,
    read_file,
    seen_of_trials,
)
from service.errors import ServiceError
from service.settings import read_settings

if TYPE_CHECKING:
    import argparse

    from service.cards.compose import CardWriter
    from service.consultation import Consultation


def add_assess(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the words that the command line understands."""
    assess = commands.add_parser(
        "assess", help="answer for FHIR bundles", description="One answer for each bundle, on standard output."
    )
    assess.add_argument("files", nargs="+", metavar="FILE", help="a FHIR R4 bundle, also gzip; - is standard input")
    add_question(assess)
    assess.add_argument("--place", metavar="LAT,LON", help="where the patient is, to tell how far the sites of a trial are")
    assess.add_argument(
        "--format",
        choices=("json", "text", "cards"),
        default="json",
        help="json: the assessment; text: for people; cards: as the hook answers",
    )
    assess.add_argument("--language", choices=LANGUAGES, help="of cards and text; ALL_CDS_LANGUAGE if not given, else en")
    assess.add_argument("--strict", action="store_true", help="validate the resources that facts rest on against FHIR R4 too")
    assess.set_defaults(run=_assess)


def _assess(given: argparse.Namespace) -> int:
    settings = read_settings()
    question = question_asked(given, settings, date.today())  # noqa: DTZ011 - the day where the command is given
    service = build_service(settings)
    registry = seen_of_trials(settings)
    service = replace(service, registry=lambda: registry)
    doubt_site_group(question.site_group, service.rules.whereabouts.site_groups)
    worst = ANSWERED
    for name in given.files:
        try:
            body = read_file(name)
            consultation = service.consult_bundle(body, question, strict=given.strict)
        except ServiceError as error:
            complain(error, name)
            worst = max(worst, exit_code_of(error))
        else:
            cards = service.cards_in(given.language or settings.language)
            _write(cards, consultation, given.format, several=len(given.files) > 1)
    return worst


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
