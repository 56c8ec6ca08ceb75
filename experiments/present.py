"""How records and outcomes look to a person, and as plain data to a script."""

import inspect
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

from experiments.constants import constant_text, constants_of
from experiments.results import Run
from experiments.study import Study
from oracles import Algorithm, Bound, Claims, Family, FiniteSum, OracleModel


def describe(record: Family | Algorithm | OracleModel | Study, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """A record as plain data; an instance with these parameters, or with those of its example."""
    if isinstance(record, Family):
        instance = record.instance(parameters or record.example)
        return {
            "name": record.name,
            "kind": "instance",
            "documentation": inspect.getdoc(record.make) or "",
            "source": record.source,
            "signature": signature(record.make),
            "parameters": dict(instance.parameters),
            "dimension": instance.dimension,
            "target": instance.target,
            "claims": claims_as_data(instance.claims),
            "bounds": [bound_as_data(bound) for bound in instance.bounds],
            "constants": [{**asdict(one), "J": one.value} for one in constants_of(record, instance.parameters)],
            "components": instance.finite_sum and components_as_data(instance.finite_sum),
        }
    if isinstance(record, Algorithm):
        return {
            "name": record.name,
            "kind": "method",
            "documentation": inspect.getdoc(record.function) or "",
            "source": record.source,
            "signature": signature(record.function),
            "zero_respecting": record.traits.zero_respecting,
            "deterministic": record.traits.deterministic,
            "order": record.traits.order,
            "bounds": [bound_as_data(bound) for bound in record.bounds],
        }
    if isinstance(record, OracleModel):
        return {
            "name": record.name,
            "kind": "oracle",
            "documentation": inspect.getdoc(record.make) or "",
            "source": record.source,
            "signature": signature(record.make),
        }
    return {
        "name": record.name,
        "kind": "study",
        "documentation": record.sentence,
        "cases": len(list(record.cases(False))),
        "quick_cases": len(list(record.cases(True))),
    }


def description(data: Mapping[str, Any]) -> str:
    """The data of `describe` as text."""
    lines = [f"{data['kind']} {data['name']}{data.get('signature', '')}", "", data["documentation"].rstrip(), ""]
    if data.get("source"):
        lines.append(f"source: {data['source']}")
    if data["kind"] == "method":
        known = [word for word in ("zero_respecting", "deterministic") if data[word]]
        lines.append(f"class: {', '.join(known).replace('_', '-') or 'nothing is known'}; order {data['order']}")
    if data["kind"] == "study":
        lines.append(f"cases: {data['cases']}, quick: {data['quick_cases']}")
    if data["kind"] == "instance":
        given = ", ".join(f"{key}={value}" for key, value in data["parameters"].items() if value is not None)
        lines.append(f"with {given}: dimension {data['dimension']}, default target {data['target']}")
        lines.append("claims (the first on a quantity is its default):")
        lines += _claim_lines(data["claims"])
    if data.get("bounds"):
        lines += ["bounds:", *_bound_lines(data["bounds"])]
    lines += [constant_text(one) for one in data.get("constants", [])]
    if data.get("components"):
        parts = data["components"]
        lines += [f"the mean of {parts['count']} components; claims on them:", *_claim_lines(parts["claims"])]
        lines += ["bounds where a query is answered for one component:", *_bound_lines(parts["bounds"])]
    return "\n".join(lines)


def _claim_lines(claims: list[dict[str, Any]]) -> list[str]:
    return [
        f"  {claim['quantity']:<23} {claim['value']:<18.12g} {claim['tag']:<10} {claim['source']}" for claim in claims
    ]


def _bound_lines(bounds: list[dict[str, Any]]) -> list[str]:
    lines = []
    for bound in bounds:
        lines.append(f"  {bound['side']}, {bound['tag']}: {bound['statement']}")
        lines.append(f"    speaks of {bound['scope']}; {bound['source']}")
    return lines


def outcome_text(outcome: Run) -> str:
    """A run as text: what ended it, its counts, and each target."""
    lines = [
        f"{outcome.method} on {outcome.instance}: {outcome.verdict}.",
        f"queries {outcome.queries} ({_orders(outcome)}), rounds "
        f"{outcome.rounds}, width {outcome.width}, best merit {outcome.best_merit:.6g}, engine {outcome.engine}",
    ]
    asked = {hit.target: hit for hit in outcome.hits}
    for target in outcome.targets:
        met = outcome.hit(target)
        if target in asked:
            text = f"query {asked[target].query}, round {asked[target].round}, {asked[target].charged} charged"
        elif met is not None:
            text = f"by the returned point, after {met.charged} queries and {met.round} rounds"
        else:
            text = f"not met, > {outcome.queries} queries, > {outcome.rounds} rounds"
        lines.append(f"target {target:g}: {text}")
    lines += [f"{key.replace('_', ' ')}: {value}" for key, value in outcome.report.items()]
    return "\n".join(lines)


def _orders(outcome: Run) -> str:
    """How often each order was asked; Hessians only where there were any."""
    text = f"values {outcome.value_queries}, gradients {outcome.gradient_queries}"
    for count, name in ((outcome.hessian_queries, "Hessians"), (outcome.product_queries, "Hessian-vector products")):
        text += f", {name} {count}" if count else ""
    return text


def claims_as_data(claims: Claims) -> list[dict[str, Any]]:
    """Each claim with its source and tag."""
    return [
        {"quantity": claim.quantity, "value": claim.value, "tag": claim.tag, "source": claim.source} for claim in claims
    ]


def components_as_data(finite_sum: FiniteSum) -> dict[str, Any]:
    """The components of a finite sum: how many, and what is asserted of them."""
    return {
        "count": len(finite_sum.terms),
        "claims": claims_as_data(finite_sum.claims),
        "bounds": [bound_as_data(bound) for bound in finite_sum.bounds],
    }


def bound_as_data(bound: Bound) -> dict[str, Any]:
    """A bound with the class that it speaks of in words."""
    order = "" if bound.scope.order is None else f", order <= {bound.scope.order}"
    width = ", any K" if bound.scope.width is None else f", K <= {bound.scope.width}"
    return {
        "side": bound.side,
        "counted": bound.counted,
        "statement": bound.statement,
        "tag": bound.tag,
        "exponent": bound.exponent,
        "scope": f"{bound.scope.method or f'{bound.scope.methods} methods'}{order}{width}",
        "source": bound.source,
    }


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame as plain data, without what a row does not have."""
    return [
        {str(key): value for key, value in row.items() if not (pd.api.types.is_scalar(value) and pd.isna(value))}
        for row in frame.to_dict(orient="records")
    ]


def as_json_text(data: Any) -> str:
    """One line of strict JSON; numbers that JSON cannot write become the words "inf", "-inf", "nan"."""
    return json.dumps(_plain(data), allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def summary(function: Callable[..., Any]) -> str:
    """The first paragraph of a function's documentation."""
    return " ".join((inspect.getdoc(function) or "").partition("\n\n")[0].split())


def signature(function: Callable[..., Any]) -> str:
    """The numbers that a function takes, with their defaults."""
    numbers = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in inspect.signature(function).parameters.values()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    ]
    return f"({', '.join(map(str, numbers))})"
