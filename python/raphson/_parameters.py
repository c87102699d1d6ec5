"""What the parameters of a chain are called, their units and ranges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, List, Mapping, Tuple

from . import _core
from ._core import InputError


@dataclass(frozen=True)
class Parameter:
    name: str  #: as in model files: "attack_ms", "eq.peak1_hz"
    label: str  #: for people: "attack"
    unit: str  #: "dB", "ms", "Hz", ":1" or ""
    minimum: float
    maximum: float
    initial: float
    logarithmic: bool  #: whether it is spaced by its logarithm


def parameters_of(chain: str) -> Tuple[Parameter, ...]:
    """Those of "compressor", "eq", "compressor+eq" or "eq+compressor"."""
    return tuple(Parameter(**p) for p in _core.chain_parameters(chain))


def values_of(chain: str, given: Mapping[str, float]) -> List[float]:
    """The values of all parameters, initial where not given."""
    known = parameters_of(chain)
    check_names(given, [p.name for p in known], f"the chain {chain}")
    return [checked(p, given[p.name]) if p.name in given else p.initial for p in known]


def checked(parameter: Parameter, value: float) -> float:
    p, number = parameter, float(value)
    if not p.minimum <= number <= p.maximum:
        unit = f" {p.unit}" if p.unit else ""
        raise InputError(f"{p.name}: {value!r} must be a number from {p.minimum:g} to {p.maximum:g}{unit}")
    return number


def check_names(given: Mapping[str, object], known: List[str], owner: str) -> None:
    for name in given:
        if name not in known:
            raise InputError(f"{owner} has no '{name}'; it has {', '.join(known) or 'none'}")


def named(chain: str, values: List[float]) -> Dict[str, float]:
    return {p.name: value for p, value in zip(parameters_of(chain), values)}


def indices(chain: str, names: List[str]) -> List[int]:
    known = [p.name for p in parameters_of(chain)]
    check_names(dict.fromkeys(names), known, f"the chain {chain}")
    return [known.index(name) for name in names]
