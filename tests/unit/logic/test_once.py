"""A value that is worked out when it is first asked for."""

from service.logic.once import once


class Counted:
    def __init__(self):
        self.times = 0

    @once
    def answer(self) -> int:
        """The answer."""
        self.times += 1
        return 42


def test_it_is_worked_out_once_for_each_object_and_only_when_asked_for():
    first, second = Counted(), Counted()
    assert (first.answer, first.answer, first.times, second.times) == (42, 42, 1, 0)


def test_the_class_itself_shows_what_it_is():
    assert isinstance(Counted.answer, once)
    assert Counted.answer.__doc__ == "The answer."
