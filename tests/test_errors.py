"""Every exception says what is wrong and what to do, and survives a trip to another process."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from concurrent.futures import ProcessPoolExecutor

import pytest

from chaintrace import errors
from chaintrace.errors import (
    ChaintraceError,
    ConservationError,
    FactError,
    MachineError,
    ProviderError,
    StoreError,
    UserError,
)

CLASSES = sorted(
    (kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ChaintraceError)),
    key=lambda kind: kind.__name__,
)


def example(kind: type[ChaintraceError]) -> ChaintraceError:
    """An error of this class with every field filled."""
    if not dataclasses.is_dataclass(kind):
        return kind()
    kinds = {"int": 2**256 + 1, "int | None": 2**40, "Sequence[str]": ("one", "two"), "str": "some text"}
    return kind(**{field.name: kinds[str(field.type)] for field in dataclasses.fields(kind)})


EXAMPLES = [pytest.param(example(kind), id=kind.__name__) for kind in CLASSES]


def fields(error: ChaintraceError) -> dict[str, object]:
    return dict(vars(error))


def test_there_are_errors_of_all_five_kinds() -> None:
    """Yours, the provider's, our disk's, the machine's, the facts'."""
    kinds = (UserError, ProviderError, StoreError, MachineError, FactError)
    assert set(kinds) <= set(CLASSES)
    for kind in CLASSES:
        if kind not in (ChaintraceError, *kinds):
            assert issubclass(kind, kinds)


@pytest.mark.parametrize("error", EXAMPLES)
def test_pickle_keeps_the_class_and_the_fields(error: ChaintraceError) -> None:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        back = pickle.loads(pickle.dumps(error, protocol))  # noqa: S301
        assert type(back) is type(error)
        assert fields(back) == fields(error)
        assert str(back) == str(error)


@pytest.mark.parametrize("error", EXAMPLES)
def test_copies_are_the_same_error(error: ChaintraceError) -> None:
    for made in (copy.copy(error), copy.deepcopy(error)):
        assert type(made) is type(error)
        assert made is not error
        assert fields(made) == fields(error)


def _raise(error: ChaintraceError) -> None:
    raise error


def test_an_error_of_another_process_arrives_whole() -> None:
    with ProcessPoolExecutor(1) as pool, pytest.raises(ConservationError) as caught:
        pool.submit(_raise_conservation).result()
    assert (caught.value.asset, caught.value.expected, caught.value.found) == ("eip155:1/slip44:60", 2**255, 7)


def _raise_conservation() -> None:
    raise ConservationError("eip155:1/slip44:60", 2**255, 7)


@pytest.mark.parametrize("error", EXAMPLES)
def test_the_text_is_the_message_and_ends_with_the_hint(error: ChaintraceError) -> None:
    assert error.message
    assert "\n" not in error.message
    if error.hint:
        assert str(error) == f"{error.message}\nHint: {error.hint}"
    else:
        assert str(error) == error.message


@pytest.mark.parametrize("error", EXAMPLES)
def test_every_error_with_fields_has_a_hint_and_names_them(error: ChaintraceError) -> None:
    """What is wrong stands in the message in the user's own words, not only in the class's name."""
    if not dataclasses.is_dataclass(error):
        return
    assert error.hint
    assert error.message != type(error).__name__
    first = getattr(error, dataclasses.fields(error)[0].name)
    assert str(first) in error.message


@pytest.mark.parametrize("error", EXAMPLES)
def test_errors_can_be_raised_caught_and_hashed(error: ChaintraceError) -> None:
    """By their class and by the root; a user's error also as ValueError."""
    with pytest.raises(ChaintraceError) as caught:
        _raise(error)
    assert caught.value is error
    assert error in {error}
    assert isinstance(error, ValueError) == isinstance(error, UserError)
    assert repr(error)


def test_no_advice_means_no_hint() -> None:
    assert str(errors.InputError("x.csv", "it is empty")) == "cannot read x.csv: it is empty"
    assert str(errors.MethodError("max_hops=-1", "is no number")) == "max_hops=-1: is no number"


def test_conservation_says_by_how_much() -> None:
    assert "(off by -1)" in ConservationError("a", 10, 9).message
    assert "(off by 3)" in ConservationError("a", 10, 13).message
