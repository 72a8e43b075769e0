"""The ids of cards and suggestions are what clients expect of a UUID."""

from uuid import UUID

from service.cards.ids import new_ids


def test_each_id_is_a_random_uuid_as_it_is_written_everywhere():
    ids = list(new_ids(200))
    assert [str(UUID(one)) for one in ids] == ids
    assert {(UUID(one).version, UUID(one).variant) for one in ids} == {(4, "specified in RFC 4122")}


def test_no_id_comes_twice_not_even_from_two_answers():
    ids = [*new_ids(100), *new_ids(100)]
    assert len(set(ids)) == 200


def test_there_are_so_many_as_were_asked_for():
    assert list(new_ids(0)) == []
    assert len(list(new_ids(3))) == 3
