"""Interphase FISH in ISCN notation: signals, fusions, halves apart, share of cells."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.facts.fish_notation import patterns_in
from service.facts.notation import Notation
from tests.case_runners.knowledge import shipped_library

KNOWN = Notation(shipped_library().chromosomes)


def read(text):
    """Markers shown and excluded, and the share, of each pattern."""
    return [(*(sorted(found) for found in KNOWN.in_pattern(pattern)), pattern.share) for pattern in patterns_in(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("nuc ish(ABL1,BCR)x3(ABL1 con BCRx2)[150/200]", [(["ph"], [], Decimal(75))]),
        ("nuc ish(ABL1x3),(BCRx3),(ABL1 con BCRx2)[50/200]", [(["ph"], [], Decimal(25))]),
        ("nuc ish 9q34(ABL1x3),22q11.2(BCRx3)(ABL1 con BCRx2)[50/200]", [(["ph"], [], Decimal(25))]),
        ("nuc ish(ABL1,BCR)x2[200]", [([], ["ph"], None)]),
        ("nuc ish(ABL1x3,BCRx2)[180/200]", [([], ["ph"], Decimal(90))]),  # a third signal without fusion
        ("nuc ish(ABL1,BCR)x3(5'ABL1 con 3'BCRx1)", [(["ph"], [], None)]),
        (
            "nuc ish(ABL1,BCR)x3(ABL1 con BCRx2)[20/200]/(ABL1,BCR)x2[180]",
            [(["ph"], [], Decimal(10)), ([], ["ph"], None)],
        ),
        ("nuc ish(ABL1,BCR)x3(ABL1 con BCRx2)[0/200]", []),  # a pattern that no cell shows
        ("nuc ish(ABL1,BCR)x3(ABL1 con BCRx2)[0/0]", [(["ph"], [], None)]),
        ("nuc ish(MLLx2)(5'MLL sep 3'MLLx1)[180/200]", [(["kmt2a_r"], [], Decimal(90))]),
        ("nuc ish(KMT2Ax2)(5'KMT2A sep 3'KMT2Ax1)[180/200]", [(["kmt2a_r"], [], Decimal(90))]),
        ("nuc ish(KMT2Ax2)[200]", [([], ["kmt2a_r"], None)]),
        ("nuc ish(KMT2Ax1)[180/200]", [([], ["kmt2a_r"], Decimal(90))]),  # deleted, not rearranged
        ("nuc ish(KMT2Ax2)(5'KMT2A con 3'KMT2Ax2)[200]", [([], ["kmt2a_r"], None)]),
        ("nuc ish(AFF1,KMT2A)x2[200]", [([], ["kmt2a_aff1"], None)]),  # other partners were not looked for
        ("nuc ish(ETV6,RUNX1)x2[200]", [([], ["etv6_runx1"], None)]),
        ("nuc ish(TEL,AML1)x2(TEL con AML1x1)[160/200]", [(["etv6_runx1"], [], Decimal(80))]),
        ("nuc ish(PDGFRBx2)(5'PDGFRB sep 3'PDGFRBx1)[90/100]", [(["abl_class", "pdgfrb_r"], [], Decimal(90))]),
        ("nuc ish(ABL1x2)(5'ABL1 sep 3'ABL1x1)[90/100]", [([], [], Decimal(90))]),  # the partner may be BCR
        ("nuc ish(P2RY8 con CRLF2x1)[90/100]", [(["crlf2_r", "jak_stat", "par1_del"], [], Decimal(90))]),
        ("nuc ish(sep)[90/100]", []),
        ("nuc ish", []),
        ("nuc ish []", []),
        ("nuc ish [200]", []),
        ("fish (ABL1,BCR)x2[200]", []),
        ("nuc ish(ABL1,BCR)x2[200] and in words (KMT2A)x2[200]", [([], ["ph"], None)]),
        ("nuc ish(ABL1,BCR)x2[200]. nuc ish(KMT2Ax2)[200]", [([], ["ph"], None), ([], ["kmt2a_r"], None)]),
    ],
)
def test_patterns_as_markers(text, found):
    assert read(text) == found


@pytest.mark.parametrize(
    ("text", "signals"),
    [
        ("nuc ish(RUNX1x5+)[100/200]", [("RUNX1", 5, None)]),
        ("nuc ish(RUNX1x3~6)[100/200]", [("RUNX1", 3, 6)]),
        ("nuc ish(D4Z1,D10Z1)x3[100/200]", [("D4Z1", 3, 3), ("D10Z1", 3, 3)]),
        ("nuc ish(CEP4x3,CEP10x2)[100/200]", [("CEP4", 3, 3), ("CEP10", 2, 2)]),
        ("nuc ish(RUNX1)[100/200]", []),  # how many is not told
    ],
)
def test_signals_are_counted(text, signals):
    assert [(one.probe, one.least, one.most) for pattern in patterns_in(text) for one in pattern.signals] == signals


@given(st.text(alphabet="nuc ish(ABL1,BCR)x3con sep[/0129]~+5'", max_size=300))
def test_no_text_brings_the_reader_down(text):
    assert isinstance(patterns_in("nuc ish" + text), tuple)


@pytest.mark.parametrize(
    ("piece", "patterns"), [("(", 0), ("nuc ish", 0), ("(ABL1,BCR)x2", 1), ("[1/2]", 0), ("(A con B", 0), (" ", 0)]
)
def test_long_texts_come_back(piece, patterns):
    assert len(patterns_in("nuc ish" + piece * 4_000)) == patterns  # no probe with its signals: no pattern
