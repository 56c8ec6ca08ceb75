"""Certificates: every claim of an instance proved, refuted with points, or open with bounds from both sides."""

from hardinstances.certify import chain_one, chain_one_floor, chain_one_smoothness, sharp, spline  # noqa: F401  (the provers)
from hardinstances.certify.certificate import Certificate, read
from hardinstances.certify.deciding import Checked, certify, check
from hardinstances.certify.finding import Finding, Proof, Witness

__all__ = ["Certificate", "Checked", "Finding", "Proof", "Witness", "certify", "check", "read"]
