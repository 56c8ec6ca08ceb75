"""A quicker start of numba. Import this before anything is compiled.

When its first function is compiled or loaded from the cache, numba imports SciPy's linear algebra to see whether it is
there, which takes half as long as importing numba itself. Our kernels call none of it, and code that does makes numba
look again. So the first look is skipped.
"""

import numba.np.linalg as linalg

_look = getattr(linalg, "ensure_blas", None)
if _look is not None:
    linalg.ensure_blas = lambda: None
    try:
        import numba.np.arraymath  # noqa: F401
    finally:
        linalg.ensure_blas = _look
