"""Searches for links of spline chains with a smaller J, the constant of the lower bound floor(L D / (J epsilon^2))."""

from hardinstances.search.descent import Measured, improvements
from hardinstances.search.proving import proved_link, text_of
from hardinstances.search.shape import Shape, halved, shape_of, widened

__all__ = ["Measured", "Shape", "halved", "improvements", "proved_link", "shape_of", "text_of", "widened"]
