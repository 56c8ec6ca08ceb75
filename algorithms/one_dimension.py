"""What the methods for functions of one variable share."""

from oracles import Array, InputError

CHEWI = "Chewi, Bubeck, Salim, ALT 2023, arXiv 2209.07513"


def only_one(x0: Array, name: str) -> None:
    """`InputError` where there is more than one coordinate."""
    if x0.size != 1:
        raise InputError(f"{name} is for one dimension, and there are {x0.size}")
