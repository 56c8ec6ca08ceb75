"""A quicker numba. Import this before anything is compiled; what numba may not have is left alone.

When its first function is compiled or loaded from the cache, numba imports SciPy's linear algebra to see whether it is
there, which takes half as long as importing numba itself. Our kernels call none of it, and code that does makes numba
look again. So the first look is skipped.

With every assignment of an array to a row or a slice numba compiles how an error would spell the two shapes: strings,
which take seconds, and more than most methods do. The error is the same, and says that the shapes differ.
"""

from typing import Any

import numba.np.linalg as linalg
from numba.core.typing.templates import builtin_registry
from numba.np import arrayobj

_look = getattr(linalg, "ensure_blas", None)
if _look is not None:
    linalg.ensure_blas = lambda: None
    try:
        import numba.np.arraymath  # noqa: F401
    finally:
        linalg.ensure_blas = _look


def _short_error(src_shapes: Any, index_shape: Any) -> Any:
    def impl(src_shapes: Any, index_shape: Any) -> None:
        raise ValueError("cannot assign an array of another shape")

    return impl


_error = getattr(arrayobj, "raise_with_shape_context", None)
for _function, _kind in builtin_registry.globals:
    if _error is not None and _function is _error:
        for _template in _kind.templates:
            if getattr(_template, "_overload_func", None) is arrayobj.ol_raise_with_shape_context_cpu:
                _template._overload_func = staticmethod(_short_error)
