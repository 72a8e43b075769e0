"""What is made of a piece of knowledge is made once, and as many pieces are kept as the bound says."""

from service.facts.per_knowledge import MOST, per_knowledge


def counted():
    """A function made once for each piece of knowledge, and the list of the pieces for which it was asked to make something."""
    made = []

    def make(known):
        made.append(known)
        return [known[0]]

    return per_knowledge(make), made


def test_it_is_made_once_for_one_object_and_again_for_an_equal_one():
    of, made = counted()
    first, twin = ["a"], ["a"]
    assert of(first) is of(first)
    assert of(twin) is not of(first)
    assert made == [first, twin]


def test_beyond_the_bound_all_are_forgotten():
    of, made = counted()
    pieces = [[number] for number in range(MOST + 1)]
    assert [of(piece) for piece in pieces[:MOST]] == pieces[:MOST]
    of(pieces[0])
    assert len(made) == MOST
    of(pieces[MOST])
    assert of(pieces[0]) == [0]
    assert len(made) == MOST + 2
