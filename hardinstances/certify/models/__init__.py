"""Certificates of oracles: what noise, components and adversaries assert of their answers."""

from hardinstances.certify.models import component_forms  # noqa: F401  (its provers)
from hardinstances.certify.models.deciding import certify_model, check_model
from hardinstances.certify.models.law import Law, law_at
from hardinstances.certify.models.subject import Subject

__all__ = ["Law", "Subject", "certify_model", "check_model", "law_at"]
