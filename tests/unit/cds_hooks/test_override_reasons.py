"""The starter set of reasons: CH-C-10, CH-C-30 to 32 of the conformance list, section 8.3."""

import pytest

from cds_hooks import CLINICAL_REASONS, InvalidValue, override_reasons

# Section 8.3: six categories and six single reasons.
CATEGORIES = {
    "cds-not-applicable",
    "cds-suboptimal-context",
    "recipient-disagrees-evidence",
    "recipient-concerns-outcomes",
    "does-not-align-preferences",
    "not-convenient-feasible",
}
SINGLE = {
    "action-completed",
    "patient-contraindication",
    "patient-refuses",
    "too-costly-uncovered",
    "service-not-available",
    "recipient-does-not-understand",
}


def test_the_clinical_set_has_exactly_the_twelve_codes():
    assert set(CLINICAL_REASONS) == CATEGORIES | SINGLE


def test_ch_c_10_every_code_has_a_display_and_the_suggested_system():
    for reason in override_reasons(CLINICAL_REASONS):
        assert reason.to_wire() == {
            "code": reason.code,
            "system": "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes",
            "display": CLINICAL_REASONS[reason.code],
        }


def test_ch_c_30_the_caller_chooses_order_and_words():
    reasons = override_reasons(["patient-refuses", "action-completed"], {"patient-refuses": "Declined"})
    assert [(reason.code, reason.display) for reason in reasons] == [
        ("patient-refuses", "Declined"),
        ("action-completed", CLINICAL_REASONS["action-completed"]),
    ]


def test_a_code_outside_the_set_is_refused():
    with pytest.raises(InvalidValue):
        override_reasons(["no-such-reason"])
