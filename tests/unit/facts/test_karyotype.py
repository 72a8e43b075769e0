"""Karyotypes in ISCN notation, read as far as the rules need them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.facts.karyotype import LONGEST, holds_karyotype, karyotypes_in, loose_changes, parse
from service.facts.notation import Notation
from tests.case_runners.knowledge import shipped_library

KNOWN = Notation(shipped_library().chromosomes)


def read(text):
    found = parse(text)
    assert found is not None
    return found


def markers(text):
    return sorted({marker for karyotype in karyotypes_in(text) for clone in karyotype.clones for marker in KNOWN.in_clone(clone)})


@pytest.mark.parametrize(
    ("text", "numbers", "leukaemic"),
    [
        ("46,XX[20]", [(46, 46)], 0),
        ("46,XY,t(9;22)(q34;q11)[15]/46,XY[5]", [(46, 46), (46, 46)], 1),
        ("50~54,XX,+X,+4,+6,+10[cp12]/46,XX[8]", [(50, 54), (46, 46)], 1),
        ("50-54,XX,+X,+4,+6,+10[cp12]", [(50, 54)], 1),  # the older way to write a range
        ("47,XX,+21c[20]", [(47, 47)], 0),  # a change from birth is none of the leukaemia
        ("47,XXYc[20]", [(47, 47)], 0),
        ("47,XXY[20]", [(47, 47)], 0),
        ("45,X[20]", [(45, 45)], 0),
        ("45,XX,-21c[20]", [(45, 45)], 0),
        ("mos 47,XX,+21c[12]/46,XX[8]", [(47, 47), (46, 46)], 0),
        ("56,XX[10]", [(56, 56)], 1),  # more chromosomes than the notation names are not normal
        ("46,XX,inv(9)(p12q13)c[20]", [(46, 46)], 0),
        ("46,XX[3]//46,XY[17]", [(46, 46)], 0),  # after // stand the cells of the donor
        ("47<2n>,XY,-7,+8,t(9;22)(q34.1;q11.2),i(17)(q10),+der(22)t(9;22)(q34.1;q11.2)", [(47, 47)], 1),
        ("46,XX,inc[3]", [(46, 46)], 1),
        ("47,XX,+mar[3]", [(47, 47)], 1),
        ("46,XX, t(9;22)(q34;q11) [4]", [(46, 46)], 1),
        ("Karyotype: 46,XX[20]. No abnormality.", [(46, 46)], 0),
        ("46,XX,t(9;22)(q34;q11)[20].nuc ish(ABL1,BCR)x3(ABL1 con BCRx2)[150/200]", [(46, 46)], 1),
        ("46,XX[20].ish 9q34(ABL1x2)", [(46, 46)], 0),
    ],
)
def test_clones_with_their_chromosome_numbers(text, numbers, leukaemic):
    (karyotype,) = karyotypes_in(text)
    assert [(clone.least, clone.most) for clone in karyotype.clones] == numbers
    assert len(karyotype.leukaemic) == leukaemic


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no karyotype here",
        "46, normal",
        "on 2025-02-03, X-ray",
        "54~50,XX,+X[4]",  # a range that runs backwards
        "46,XX[20]/marked[3]",
        "46,XX[5]/idem,+8[4]",  # no chromosome number
        "46,XX[20]/47,idem,+8[3]",  # idem of nothing: the first clone is normal
        "46,XX,+8[3]/47,sdl2,+9[3]",
        "//46,XY[20]",
        "46,XX" + "/46,XX" * 60,
    ],
)
def test_what_cannot_be_read_says_nothing(text):
    assert karyotypes_in(text) == ()


@pytest.mark.parametrize(
    ("clones", "place", "chromosome", "copies"),
    [
        ("54,XX,+X,+4,+6,+10,+14,+17,+18,+21[10]", 0, "4", 3),
        ("54,XX,+X,+4,+6,+10,+14,+17,+18,+21[10]", 0, "5", 2),
        ("56,XX,+X,+4,+6,+10,+14,+17,+18,+21x3[10]", 0, "21", 5),
        ("48,XX,+21,+21[4]", 0, "21", 4),
        ("47,XX,+21c[4]", 0, "21", 2),  # counted from the patient's own set
        ("45,XX,-7[4]", 0, "7", 1),
        ("27,X,+X,+14,+18,+21[5]", 0, "14", 2),  # counted from one set
        ("27,X,+X,+14,+18,+21[5]", 0, "4", 1),
        ("27,X,+X,+14,+18,+21[5]/54,idemx2[10]", 1, "14", 4),
        ("27,X,+X,+14,+18,+21[5]/54,slx2[10]", 1, "4", 2),
        ("68<3n>,XX,-X,-7,+21[4]", 0, "21", 4),
        ("48,XX,+8[4]/49,idem,+4[3]", 1, "4", None),  # the gains do not lead to the number
        ("47,XX,+8[4]/48,sl,+4[3]", 1, "8", 3),
        ("47,XX,+8[4]/48,sl,+4[3]/49,sdl,+10[2]", 2, "4", 3),
        ("47,XX,+8[4]/48,sl,+4[3]/49,sdl1,+10[2]", 2, "10", 3),
        ("47,XX,+8[4]/48,sl,+4[3]/46,sl,-8[2]", 2, "8", 2),
        ("52~55,XX,+X,+4,+10,+14,+17,+18,+21,+21,+5[cp9]", 0, "4", 3),
        ("50~53,XX,+4[3],+10[5],+21[9][cp9]", 0, "10", 3),  # in a composite not every gain is in every cell
        ("50,XX,+X,+4,+10,+mar,+mar2[9]", 0, "4", 3),
        ("61,XX,+mar[9]", 0, "4", None),
        ("45,XX,dic(9;20)(p13;q11)[9]", 0, "9", 2),
    ],
)
def test_copies_of_whole_chromosomes(clones, place, chromosome, copies):
    assert read(clones).clones[place].copies(chromosome) == copies


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("46,XX,t(9;22)(q34;q11.2)[20]", ["ph"]),
        ("46,XX,t(9;22)(q34.1;q11)[20]", ["ph"]),
        ("46,XX,t(9;22)[20]", ["ph"]),
        ("46,XX,t(9;22)(p24;q11.2)[20]", []),  # JAK2, not ABL1
        ("46,XX,t(9;22)(q3;q11)[20]", []),  # too coarse
        ("46,XX,?t(9;22)(q34;q11)[20]", []),
        ("46,XX,t(9;22)(q34;q11?)[20]", []),
        ("46,XX,t(9;22;11)(q34;q11;q13)[20]", ["ph"]),  # a variant with a third chromosome
        ("46,XX,ins(22;9)(q11;q34q34)[20]", ["ph"]),
        ("47,XX,t(9;22)(q34;q11),+der(22)t(9;22)(q34;q11)[20]", ["ph"]),
        ("46,XX,der(22)t(9;22)(q34;q11)[20]", ["ph"]),
        ("46,XX,der(22)[20]", ["ph"]),
        ("46,XX,der(22)t(1;22)(q21;q11)[20]", []),
        ("46,XX,der(9)t(9;22)(q34;q11)[20]", []),  # the other derivative
        ("46,XX,ider(22)(q10)t(9;22)(q34;q11.2)[20]", ["ph"]),
        ("46,XX,der(9)del(9)(p13)t(9;22)(q34;q11),der(22)t(9;22)[20]", ["ph"]),
        ("46,XX,del(22)(q11)[20]", []),
        ("46,XX,t(12;21)(p13;q22)[20]", ["etv6_runx1"]),
        ("46,XX,t(1;19)(q23;p13.3)[20]", ["tcf3_pbx1"]),
        ("46,XX,der(19)t(1;19)(q23;p13.3)[20]", ["tcf3_pbx1"]),
        ("46,XX,der(1)t(1;19)(q23;p13.3)[20]", []),
        ("46,XX,t(17;19)(q22;p13)[20]", ["tcf3_hlf"]),
        ("46,XX,t(4;11)(q21;q23)[20]", ["kmt2a_aff1", "kmt2a_r"]),
        ("46,XX,t(11;19)(q23;p13.3)[20]", ["kmt2a_r"]),
        ("46,XX,t(9;11)(p22;q23.3)[20]", ["kmt2a_r"]),
        ("46,XX,t(6;11)(q27;q23)[20]", ["kmt2a_r"]),
        ("46,XX,ins(10;11)(p12;q23q13)[20]", ["kmt2a_r"]),
        ("46,XX,t(4;11)[20]", ["kmt2a_aff1", "kmt2a_r"]),
        ("46,XX,t(6;11)[20]", []),  # which band of chromosome 11 is not told
        ("46,XX,del(11)(q23)[20]", []),
        ("46,XX,add(11)(q23)[20]", []),
        ("46,XX,dup(11)(q13q23)[20]", []),
        ("46,XX,t(11;14)(q13;q32)[20]", []),
        ("46,XX,t(5;14)(q31;q32)[20]", []),
        ("46,XX,t(9;22)(q34;q11)c[20]", []),
        ("46,XX,t(9;22)(q34)[20]", []),  # one band for two chromosomes
        ("46,XX,t(9;22)(q34;q11)[9]/46,idem,-t(9;22)(q34;q11)[3]", ["ph"]),
        ("46,XX,t(ABL1;BCR)[20]", []),
    ],
)
def test_structural_changes_are_markers_by_their_bands(text, found):
    assert markers(text) == found


def test_a_sideline_may_lose_a_change_or_the_chromosome_that_holds_it():
    lost = read("46,XX,t(9;22)(q34;q11)[9]/46,idem,-t(9;22)(q34;q11)[3]/47,sl,+der(22)t(9;22)(q34;q11)[2]/46,sdl,-der(22)[2]")
    assert [bool(KNOWN.in_clone(clone)) for clone in lost.clones] == [True, False, True, True]
    held = read("46,XX,der(22)t(9;22)(q34;q11)[9]/45,sl,-der(22)[2]")
    assert [bool(KNOWN.in_clone(clone)) for clone in held.clones] == [True, False]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("t(9;22)(q34.1;q11.2)", ["t"]),
        ("t(9;22)(q34;q11), +der(22)t(9;22)(q34;q11)", ["t", "t"]),
        ("?t(9;22)(q34;q11)", []),
        ("deletion of IKZF1", []),
    ],
)
def test_changes_that_stand_alone(text, kinds):
    assert [change.kind for change in loose_changes(text)] == kinds


def test_a_karyotype_without_sex_chromosomes_is_read_all_the_same():
    (clone,) = read("46,t(9;22)(q34;q11)[3]").clones
    assert KNOWN.in_clone(clone) == {"ph"}


def test_clones_keep_their_cells_and_their_doubts():
    karyotype = read("46,XX,t(9;22)(q34;q11)[15]/46,XX,add(7)(p?)[5]/46,X?[2]/46,XX,junk")
    assert [clone.cells for clone in karyotype.clones] == [15, 5, 2, None]
    assert [clone.complete for clone in karyotype.clones] == [True, False, False, False]


def test_only_the_first_karyotypes_of_a_text_are_read():
    assert len(karyotypes_in(" ; ".join(["46,XX[20]"] * 30))) == 8
    assert karyotypes_in("x" * LONGEST + " 46,XX[20]") == ()
    assert not holds_karyotype("x" * LONGEST + " 46,XX[20]")


@given(st.text(alphabet="46,XY[]()/;+-?~<n>idemsltrc 0129pqx.", max_size=300))
def test_no_text_brings_the_reader_down(text):
    assert isinstance(karyotypes_in("46,XX," + text), tuple)
    assert loose_changes(text) is not None


@pytest.mark.parametrize("piece", ["(", "46,XX,", "t(9;22)(q34;q11)", "[", "/", "46,XX/47,sl,+8", "+8,", " ,"])
def test_long_texts_are_read_in_no_time_that_anyone_would_notice(piece):
    assert isinstance(
        karyotypes_in("46,XX," + piece * 4_000), tuple
    )  # a search that tries every way to divide the text would not come back
