import math

import pytest

from oracles import InputError, Instance, Registry, from_callable, record_of
from oracles.registry import checked_parameters


def recipe(*, length: int, weight: float = 1.0, name: str = "a", flag: bool = False, gap: float | None = None):
    return None


def test_text_is_read_as_the_declared_type():
    given = {"length": "12", "weight": "e", "flag": "true", "gap": "1/8"}
    read = checked_parameters(recipe, given, "the recipe")
    assert read == {"length": 12, "weight": math.e, "name": "a", "flag": True, "gap": 0.125}
    assert checked_parameters(recipe, {"length": 3.0, "gap": "none"}, "the recipe")["gap"] is None


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"lenght": 3}, "no parameter 'lenght'; did you mean 'length'?"),
        ({}, "needs the parameter 'length'"),
        ({"length": "1.5"}, "length of the recipe must be a whole number, got '1.5'"),
        ({"length": 2.5}, "must be a whole number"),
        ({"length": True}, "must be a whole number"),
        ({"length": None}, "must be a whole number, got None"),
        ({"length": 1, "weight": "x"}, "weight of the recipe must be a number"),
        ({"length": 1, "weight": "nan"}, "must be a number"),
        ({"length": 1, "weight": "1/0"}, "must be a number"),
        ({"length": 1, "gap": "abc"}, "must be a number or none"),
        ({"length": 1, "flag": "perhaps"}, "must be true or false"),
    ],
)
def test_bad_parameters_are_named(given, words):
    with pytest.raises(InputError) as caught:
        checked_parameters(recipe, given, "the recipe")
    assert words in str(caught.value)


def test_a_name_is_registered_once_and_near_names_are_suggested():
    class Thing:
        name = "chain"

    registry = Registry("thing")
    registry.add(Thing())
    with pytest.raises(InputError, match="already a thing 'chain'"):
        registry.add(Thing())
    with pytest.raises(InputError, match="no thing 'chian'; did you mean 'chain'"):
        registry["chian"]
    assert "chain" in registry and "other" not in registry and list(registry) == ["chain"]


def test_nothing_is_assumed_of_a_plain_function():
    record = record_of(lambda oracle, x0: None)
    assert not record.traits.zero_respecting and not record.traits.deterministic and record.bounds == ()
    with pytest.raises(InputError, match="must be callable"):
        record_of(3)


@pytest.mark.parametrize("start", [[], [[1.0]], [1.0, math.nan], "abc"])
def test_a_start_must_be_a_finite_vector(start):
    with pytest.raises(InputError, match="start"):
        from_callable(lambda x: (0.0, x), start=start)


def test_an_instance_is_frozen():
    instance = from_callable(lambda x: (0.0, x), start=[1.0])
    assert isinstance(instance, Instance) and instance.dimension == 1
    with pytest.raises(ValueError, match="read-only"):
        instance.start[0] = 2.0
    with pytest.raises(InputError, match="both lower and upper"):
        from_callable(lambda x: (0.0, x), start=[1.0], lower=0.0)
