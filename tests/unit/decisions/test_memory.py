"""What is the same for every patient is made once, and never handed to those who ask of something else."""

from service.decisions.memory import Memory


def test_what_was_made_once_is_handed_out_again():
    memory, makings = Memory(), iter(("first", "second"))
    for _ in range(2):
        assert memory.recall("kind", ("key",), lambda: next(makings)) == "first"


def test_another_kind_another_key_and_another_object_are_made_anew():
    memory, first, second = Memory(), object(), object()
    assert memory.recall("kind", "key", lambda: 1, of=first) == 1
    assert memory.recall("other", "key", lambda: 2, of=first) == 2
    assert memory.recall("kind", "other", lambda: 3, of=first) == 3
    assert memory.recall("kind", "key", lambda: 4, of=second) == 4
    assert memory.recall("kind", "key", lambda: 5, of=first) == 5  # what the second one left is not the first one's


def test_no_more_are_kept_of_a_kind_than_there_is_room_for():
    memory, made = Memory(), []

    def ask(key):
        def make():
            made.append(key)
            return key

        return memory.recall("kind", key, make, most=2)

    for key in (1, 2, 1, 2):
        assert ask(key) == key
    assert made == [1, 2]
    for key in (3, 3, 1):
        assert ask(key) == key
    assert made == [1, 2, 3, 1]
