"""Shapes and check digits. Right codes are printed by the owners of the systems; wrong ones differ by one slip."""

import pytest

from service.terminology.codes import code_fault


@pytest.mark.parametrize(
    ("system", "code"),
    [
        ("snomed", "91857003"),
        ("snomed", "12301000132103"),
        ("snomed", "122951000119108"),
        ("loinc", "8117-4"),
        ("loinc", "51124-6"),
        ("loinc", "101119-6"),
        ("loinc", "LA6576-8"),
        ("rxnorm", "103"),
        ("atc", "L01FX07"),
        ("atc", "L01"),
        ("icd-10", "C91"),
        ("icd-10-cm", "C83.7A"),
        ("icd-10-cm", "C91.A0"),
        ("icd-10-gm", "C91.80"),
        ("icd-o-3", "9811/3"),
        ("icd-o-3", "C42.1"),
        ("icd-10-pcs", "30243Y4"),
        ("ops", "8-54"),
        ("hgnc", "HGNC:76"),
        ("ncit", "C3167"),
        ("oncotree", "BLLIAMP21"),
        ("cpt", "0540T"),
        ("hcpcs", "Q2053"),
        ("sequence-ontology", "SO:0001565"),
        ("all-cds-facts", "hypodiploidy_lt44"),
        ("all-cds-facts", "CNS1"),
    ],
)
def test_a_right_code_has_no_fault(system, code):
    assert code_fault(system, code) is None


@pytest.mark.parametrize(
    ("system", "code", "said"),
    [
        pytest.param("snomed", "91857004", "Verhoeff", id="one digit wrong"),
        pytest.param("snomed", "91875003", "Verhoeff", id="two digits swapped"),
        pytest.param("snomed", "2667O00", "shape", id="letter O for zero"),
        # From the SNOMED CT guide's example of a description identifier: 10 of partition 01.
        pytest.param("snomed", "100014", "not a concept", id="a description, not a concept"),
        pytest.param("loinc", "8117-5", "modulus", id="check digit wrong"),
        pytest.param("loinc", "8171-4", "modulus", id="digits swapped"),
        pytest.param("loinc", "81174", "shape", id="hyphen lost"),
        pytest.param("rxnorm", "C103", "shape", id="a letter"),
        pytest.param("atc", "L01FX7", "shape", id="a digit lost"),
        pytest.param("icd-10-cm", "C9100", "shape", id="point lost"),
        pytest.param("icd-10-gm", "C91.A0", "shape", id="a letter of the American edition"),
        pytest.param("icd-o-3", "98113", "shape", id="slash lost"),
        pytest.param("icd-10-pcs", "30243YO", "shape", id="letter O"),
        pytest.param("hgnc", "76", "shape", id="prefix lost"),
        pytest.param("hgnc", "HGNC:1014::HGNC:76", "shape", id="two genes in one code"),
        pytest.param("hcpcs", "2053", "shape", id="letter lost"),
        pytest.param("cpt", "3824", "shape", id="four digits"),
        pytest.param("mii-verlauf", "y", "shape", id="small letter"),
    ],
)
def test_a_wrong_code_is_described(system, code, said):
    assert said in (code_fault(system, code) or "")


def test_nothing_is_said_about_a_system_without_a_fixed_shape():
    assert code_fault("iscn", "47<2n>,XY,-7,+8,t(9;22)(q34.1;q11.2)") is None
    assert code_fault("unheard-of", "whatever") is None
