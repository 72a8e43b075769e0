"""The trials of an assessment: fit and recruitment side by side, each criterion with its provenance, arms, what to confirm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.consultation.criterion_document import criterion_document
from service.decisions.choices import covered_by_label
from service.decisions.recruitment import sites_by_nearness
from service.decisions.trial_verdicts import NOT_CURATED

if TYPE_CHECKING:
    from service.consultation.consult import Consultation
    from service.decisions.recruitment import Recruitment, SiteNear
    from service.decisions.trial_verdicts import ArmVerdict, ScreenedStudy, TrialVerdict
    from service.decisions.trials_judged import TrialCriterionResult

Json = dict[str, object]

SITES_SHOWN = 5


def trial_documents(consultation: Consultation) -> list[Json]:
    """Return one entry for each trial on file, those that fit first, then the studies that only the registry knows."""
    return [
        *(_trial(verdict, consultation) for verdict in consultation.trials),
        *(_screened(study, consultation) for study in consultation.screened),
    ]


def _trial(verdict: TrialVerdict, consultation: Consultation) -> Json:
    trial, version = verdict.trial, verdict.bound.version
    return {
        "id": trial.id,
        "name": trial.name,
        "title": trial.title,
        "numbers": [
            {"registry": row.registry, "number": row.number, "verification": row.verification.value} for row in trial.numbers
        ],
        "sponsor": trial.sponsor or None,
        "phase": trial.phase or None,
        "products": list(trial.products),
        "interventions": list(trial.interventions),
        "fit": verdict.fit,
        "recruitment": recruitment_document(verdict.recruitment, consultation),
        "textSeen": version.seen.isoformat() if version.seen else None,
        "criteria": [_criterion(result) for result in verdict.judged.results()],
        "failing": list(verdict.failing),
        "needs": list(verdict.needs),
        "confirm": [{"id": name, "text": text} for name, text in verdict.confirm()],
        "arms": [_arm(arm) for arm in verdict.arms],
        "onLabel": list(covered_by_label(verdict, consultation.therapies)),
        "closedBy": [row.product for row in consultation.closings if row.trial == verdict.id],
        "flags": list(verdict.flags),
    }


def recruitment_document(recruitment: Recruitment, consultation: Consultation) -> Json:
    """Return what was seen of the recruitment, when and where; never what the patient fits."""
    near = sites_by_nearness(recruitment.sites, consultation.question.place)
    shown: Json = {
        "status": recruitment.status or None,
        "seen": recruitment.seen.isoformat() if recruitment.seen else None,
        "open": recruitment.open,
        "source": recruitment.source or None,
    }
    if recruitment.countries:
        shown["countries"] = [{"country": country, "status": status} for country, status in recruitment.countries]
    if recruitment.sites:
        shown["siteCount"] = len(recruitment.sites)
        shown["siteCountries"] = sorted({site.country or site.country_name for site in recruitment.sites})
        shown["sites"] = [_site(row) for row in near[:SITES_SHOWN]]
    for name, value in (("updated", recruitment.updated), ("whyStopped", recruitment.why_stopped), ("note", recruitment.note)):
        if value:
            shown[name] = value
    return shown


def _site(near: SiteNear) -> Json:
    site = near.site
    return {
        "facility": site.facility,
        "city": site.city,
        "country": site.country or site.country_name,
        "status": site.status or None,
        "kilometres": None if near.kilometres is None else round(near.kilometres),
    }


def _criterion(result: TrialCriterionResult) -> Json:
    alternative = {"anyOf": result.any_of} if result.any_of else {}
    return criterion_document(result, provenance=result.provenance, **alternative)


def _arm(verdict: ArmVerdict) -> Json:
    arm = verdict.arm
    return {
        "id": arm.id,
        "name": arm.name,
        "text": arm.text,
        "fit": verdict.fit,
        "open": arm.open,
        "seen": arm.seen.isoformat() if arm.seen else None,
        "criteria": [_criterion(result) for result in verdict.judged.results()],
        "failing": list(verdict.judged.failing),
        "needs": list(verdict.judged.needs),
        "otherwise": arm.otherwise or None,
        "provenance": arm.provenance,
    }


def _screened(study: ScreenedStudy, consultation: Consultation) -> Json:
    record = study.record
    return {
        "id": record.nct_id,
        "name": record.acronym or record.nct_id,
        "title": record.title,
        "numbers": [{"registry": kind, "number": number} for kind, number in record.secondary_ids],
        "sponsor": record.sponsor or None,
        "phase": ", ".join(record.phases) or None,
        "products": [],
        "interventions": [drug.name for drug in record.interventions],
        "fit": study.fit,
        "recruitment": recruitment_document(study.recruitment, consultation),
        "textSeen": study.recruitment.seen.isoformat() if study.recruitment.seen else None,
        "criteria": [
            {
                "id": row.id,
                "text": row.text,
                "kind": "inclusion",
                "truth": row.truth.word,
                "facts": list(row.facts),
                "evidence": list(row.evidence),
                "needs": list(row.needs),
                "provenance": "S",
            }
            for row in study.criteria
        ],
        "failing": list(study.failing),
        "needs": list(study.needs),
        "confirm": [],
        "arms": [],
        "onLabel": [],
        "closedBy": [],
        "flags": [NOT_CURATED],
        "text": record.criteria or None,
    }
