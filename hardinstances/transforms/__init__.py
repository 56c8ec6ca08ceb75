"""Transforms: an instance becomes another one, with its claims, start, target and progress."""

from hardinstances.transforms.rotated import rotated
from hardinstances.transforms.scaled import scaled
from hardinstances.transforms.soft_projected import soft_projected
from hardinstances.transforms.walled import walled

__all__ = ["rotated", "scaled", "soft_projected", "walled"]
