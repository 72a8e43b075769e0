"""Conversions are exact, spellings are tolerated, and nothing is guessed."""

from decimal import Decimal

import pytest

from service.logic.units import known_unit, to_unit


# Each line is one number in two units; the arithmetic is that of the definitions of the units.
@pytest.mark.parametrize(
    ("value", "unit", "expected", "wanted"),
    [
        # shares: risk-and-relapse.md 0.3: 1 % = 1e-2; 0.1 % = 1e-3; 0.01 % = 1e-4 = 1 in 10,000 = 100 per million
        ("1", "%", "0.01", "1"),
        ("0.1", "%", "0.001", "1"),
        ("0.0001", "1", "0.01", "%"),
        ("1", "10*-4", "0.01", "%"),
        ("1", "1e-4", "0.01", "%"),
        ("5", "1E-4", "0.05", "%"),
        ("100", "/10*6", "0.01", "%"),
        ("10", "/10*6", "0.001", "%"),
        ("1", "/10*4", "0.01", "%"),
        ("100", "[ppm]", "0.01", "%"),
        ("3", "/100", "3", "%"),
        ("0.01", "percent", "0.01", "%"),
        ("0.001", "fraction", "0.1", "%"),
        ("0.001", "ratio", "0.1", "%"),
        # counts: 1 x 10^9/L = 1,000/uL = 1,000/mm3 = 1 K/uL; 50 x 10^9/L = 50,000/uL
        ("50000", "/uL", "50", "10*9/L"),
        ("50000", "/mm3", "50", "10*9/L"),
        ("50", "10*3/uL", "50", "10*9/L"),
        ("50", "K/uL", "50", "10*9/L"),
        ("50", "10*9/L", "50000", "/uL"),
        # CSF: 1/uL = 1 x 10^6/L
        ("5", "/uL", "5", "10*6/L"),
        # mass and amount, each with its own kind
        ("1.2", "mg/dL", "0.012", "g/L"),
        ("1.2", "mg/dL", "12", "mg/L"),
        ("88", "umol/L", "0.088", "mmol/L"),
        # 1 kat = 1 mol/s and 1 U = 1 umol/min, so 1 ukat/L = 60 U/L
        ("0.5", "ukat/L", "30", "U/L"),
        ("30", "U/L", "0.5", "ukat/L"),
        # body: the pound is 0.45359237 kg, the inch 2.54 cm
        ("70000", "g", "70", "kg"),
        ("100", "[lb_av]", "45.359237", "kg"),
        ("70", "[in_i]", "177.8", "cm"),
        ("1.75", "m", "175", "cm"),
        ("17300", "cm2", "1.73", "m2"),
        # time
        ("0.45", "s", "450", "ms"),
        ("4", "wk", "28", "d"),
        ("2", "a", "24", "mo"),
        # clearance
        ("1.5", "mL/s", "90", "mL/min"),
        ("1.5", "mL/s/{1.73_m2}", "90", "mL/min/{1.73_m2}"),
    ],
)
def test_a_value_keeps_its_meaning_in_another_unit(value, unit, expected, wanted):
    assert to_unit(Decimal(value), unit, wanted) == Decimal(expected)


@pytest.mark.parametrize(
    "spelling",
    [
        *(
            "10*9/L",
            "10*9/l",
            "10^9/L",
            "10^9/l",
            "10**9/L",
            "x10^9/L",
            "x10*9/l",
            "X10^9/L",
            "× 10⁹/L",
            "×10⁹/l",
            "10⁹/L",
            "10E9/L",
            "10e9/l",
        ),
        *("10 ^ 9 / L", "10*3/uL", "x10*3/uL", "10^3/µL", "10^3/μL", "10*3/mm3", "10^3/mm³", "10³/µL", "10*3/mcL"),
        *(
            "K/uL",
            "k/uL",
            "K/µL",
            "K/mm3",
            "thou/uL",
            "Tsd/µl",
            "G/L",
            "G/l",
            "Gpt/L",
            "Gpt/l",
            "giga/L",
            "/nL",
            "10*3{WBCs}/uL",
            "10*3/UL",
        ),
    ],
)
def test_ten_to_the_nine_per_litre_is_recognised_however_it_is_written(spelling):
    assert to_unit(Decimal("4.2"), spelling, "10*9/L") == Decimal("4.2")


@pytest.mark.parametrize(
    ("spelling", "ucum"),
    [
        ("cells/uL", "/uL"),
        ("{cells}/uL", "/uL"),
        ("/cu mm", "/uL"),
        ("/cmm", "/uL"),
        ("/µl", "/uL"),
        ("%{blasts}", "%"),
        ("Percent", "%"),
        (" % ", "%"),
        ("MG/DL", "mg/dL"),
        ("mg/dl", "mg/dL"),
        ("µmol/l", "umol/L"),
        ("μmol/L", "umol/L"),
        ("mcg/L", "ug/L"),
        ("u/l", "U/L"),
        ("µkat/l", "ukat/L"),
        ("IU/L", "[IU]/L"),
        ("KG", "kg"),
        ("lbs", "[lb_av]"),
        ("inches", "[in_i]"),
        ("m^2", "m2"),
        ("m²", "m2"),
        ("msec", "ms"),
        ("days", "d"),
        ("weeks", "wk"),
        ("years", "a"),
        ("ml/min/1.73m2", "mL/min/{1.73_m2}"),
        ("mL/min/1.73 m²", "mL/min/{1.73_m2}"),
        ("mL/min/1.73_m2", "mL/min/{1.73_m2}"),
        ("mL/min/{1.73m2}", "mL/min/{1.73_m2}"),
        ("M/uL", "10*6/uL"),
        ("T/L", "10*12/L"),
    ],
)
def test_a_spelling_means_its_ucum_unit(spelling, ucum):
    assert to_unit(Decimal("7.5"), spelling, ucum) == Decimal("7.5")


def test_small_g_is_gram_and_capital_g_is_giga():
    assert to_unit(Decimal(1), "g/l", "mg/dL") == Decimal(100)
    assert to_unit(Decimal(1), "g/l", "10*9/L") is None
    assert to_unit(Decimal(1), "G/l", "g/L") is None


@pytest.mark.parametrize(
    ("unit", "wanted"),
    [
        pytest.param("", "%", id="no unit: 0.01 may be a fraction or a percentage"),
        pytest.param("%", "", id="no unit wanted"),
        pytest.param("mg/dL", "umol/L", id="needs a molar mass"),
        pytest.param("U/L", "[IU]/L", id="international units belong to their assay"),
        pytest.param("mL/min", "mL/min/{1.73_m2}", id="needs the body surface"),
        pytest.param("mo", "d", id="months have no fixed length"),
        pytest.param("%", "10*9/L", id="a share is no count"),
        pytest.param("10e-4", "%", id="10 to the -4, or 10 times that"),
        pytest.param("109/L", "10*9/L", id="a lost superscript"),
        pytest.param("furlong", "cm", id="not met here"),
        pytest.param("furlong", "furlong", id="not met here, even with itself"),
        pytest.param("S", "s", id="siemens, not seconds"),
        pytest.param("M", "m", id="a prefix, not metres"),
        pytest.param("10*3/kg", "10*9/L", id="per weight, not per volume"),
        pytest.param("10*3/g", "10*9/L", id="per mass"),
        pytest.param("zz/uL", "10*9/L", id="no such word for a number"),
    ],
)
def test_what_cannot_be_converted_is_none(unit, wanted):
    assert to_unit(Decimal(1), unit, wanted) is None


@pytest.mark.parametrize(
    ("unit", "known"), [("%", True), ("10*9/L", True), ("Gpt/l", True), ("", False), ("furlong", False), ("{score}", False)]
)
def test_a_known_unit_is_one_that_can_be_read(unit, known):
    assert known_unit(unit) is known


def test_a_value_in_its_own_unit_stays_as_it_was_written():
    assert str(to_unit(Decimal("0.010"), "%", "percent")) == "0.010"


@pytest.mark.parametrize("unit", ["10*9999999999/L", "/10*9999999999", "10*-100/L"])
def test_a_power_of_ten_that_nobody_measures_in_is_no_unit(unit):
    assert to_unit(Decimal(5), unit, "10*9/L") is None
