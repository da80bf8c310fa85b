"""The answers to the last calls are kept for the very same objects, and for no others."""

from registry.domain.latest import latest, recent


class Asked:
    """A function that counts how often it worked."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, *arguments: object) -> object:
        self.times += 1
        return [*arguments, self.times]


def counted(calls: int) -> tuple[Asked, object]:
    asked = Asked()

    def of_one(argument: object) -> object:
        return asked(argument)

    return asked, recent(calls)(of_one)


def test_the_same_object_gets_the_same_answer() -> None:
    asked, ask = counted(1)
    issuer = ["an issuer"]
    assert ask(issuer) is ask(issuer)  # type: ignore[operator]
    assert asked.times == 1


def test_an_equal_object_is_another_one() -> None:
    asked, ask = counted(4)
    assert ask(["an issuer"]) is not ask(["an issuer"])  # type: ignore[operator]
    assert asked.times == 2


def test_an_object_that_nobody_else_holds_is_never_taken_for_a_later_one() -> None:
    asked, ask = counted(1)
    for number in range(100):
        assert ask([number])[0] == [number]  # type: ignore[operator]
    assert asked.times == 100


def test_only_so_many_answers_are_kept() -> None:
    asked, ask = counted(2)
    first, second, third = [1], [2], [3]
    for argument in (first, second, first, third, first):
        ask(argument)  # type: ignore[operator]
    assert asked.times == 4, "the third put the first out, which is asked anew"


def test_all_arguments_count() -> None:
    asked = Asked()

    @latest
    def of_two(issuer: object, at: object) -> object:
        return asked(issuer, at)

    issuer, today, tomorrow = ["an issuer"], ["today"], ["tomorrow"]
    assert of_two(issuer, today) is of_two(issuer, today)
    assert of_two(issuer, tomorrow) is not of_two(issuer, today)
    assert asked.times == 3
