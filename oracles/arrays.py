"""Array types, and the one place where a caller's numbers become arrays of ours."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracles.errors import InputError

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Ids = NDArray[np.int64]


def real_array(data: Any, what: str) -> Array:
    """A C-contiguous float64 copy of `data`; `what` names it in the error."""
    try:
        array = np.asarray(data)
    except ValueError as error:
        raise InputError(f"{what} is not an array of numbers ({error})") from None
    if array.dtype.kind not in "fiub":
        raise InputError(f"{what} must hold real numbers, not {array.dtype}")
    return np.array(array, dtype=np.float64, order="C", copy=True)


def check_finite(array: Array, what: str) -> None:
    """Refuse NaN and infinities, naming the first one."""
    if np.isfinite(array).all():
        return
    index = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
    where = ", ".join(map(str, index))
    raise InputError(f"{what} has the entry {array[index]} at index [{where}]")
