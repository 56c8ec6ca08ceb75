"""Certificates: every claim of an instance proved, refuted with points, or open with bounds from both sides."""

from hardinstances.certify import (  # noqa: F401  (the provers)
    around_chain_one,
    chain_one,
    chain_one_floor,
    chain_one_smoothness,
    cosines,
    few_dimensions,
    gates,
    hermite,
    potential_chains,
    potential_floor,
    quadratics,
    saddles,
    sharp,
    spline,
    spline_floor,
    spline_gap,
    spline_smoothness,
    transformed,
    tubes,
    valley_smoothness,
    visited,
    walls,
)
from hardinstances.certify.certificate import Certificate, read
from hardinstances.certify.deciding import Checked, certify, check
from hardinstances.certify.finding import Finding, Proof, Witness

__all__ = ["Certificate", "Checked", "Finding", "Proof", "Witness", "certify", "check", "read"]
