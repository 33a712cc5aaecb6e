"""What a network is made of, found by running it: its stages in the order of computation, their
outputs, and which stage reads which.

A stage is a module that a person would draw as one box: an outermost module with parameters whose
output is one batch of maps [B, C, H, W]. Lists of modules, and modules that return several batches
of maps (such as encoders), are taken apart.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from unveil.errors import ModelError

PICTURE = -1
"""Stands among the sources of a stage for the network's input."""
_FEWEST = 5
"""Where there are fewer stages (a wrapper around a network, one long chain of blocks), the largest
are taken apart."""


@dataclass(frozen=True)
class Stage:
    """One call of a module; a module that a network uses several times is several stages."""

    name: str
    """The module's name in the network."""
    call: int
    """Counts the module's calls, from 0."""
    module: nn.Module
    maps: Tensor
    """Its output [B, C, H, W], detached."""
    parameters: int
    """Parameters of the module; 0 at every call but the first."""
    sources: tuple[int, ...]
    """Places in the list of the stages whose outputs it reads; PICTURE for the picture."""

    @property
    def label(self) -> str:
        return self.name if not self.call else f"{self.name} (again)"


def find_stages(network: nn.Module, picture: Tensor) -> list[Stage]:
    """The stages of a network in the order in which they finish, run on pictures [B, 3, H, W].

    Sources are read off the graph that autograd records. Raises ModelError where the network has no
    stage.
    """
    picture = picture.detach().clone().requires_grad_()
    calls = _run(network, picture)
    chosen = _choose(network, {name for name, _, _ in calls})
    if not chosen:
        raise ModelError(
            f"{type(network).__name__}: expected a convolutional network, one whose modules give"
            " maps [B, C, H, W]; found none"
        )
    kept = [(name, module, output) for name, module, output in calls if name in chosen]
    makers = {output.grad_fn: place for place, (_, _, output) in enumerate(kept)}
    stages: list[Stage] = []
    for place, (name, module, output) in enumerate(kept):
        call = sum(stage.name == name for stage in stages)
        stages.append(
            Stage(
                name=name,
                call=call,
                module=module,
                maps=output.detach(),
                parameters=0 if call else count_parameters(module),
                sources=_sources(output, place, makers, picture),
            )
        )
    return stages


def count_parameters(module: nn.Module, trainable: bool = False) -> int:
    """Numbers in the parameters of a module; trainable: only those that training moves."""
    return sum(p.numel() for p in module.parameters() if p.requires_grad or not trainable)


def _run(network: nn.Module, picture: Tensor) -> list[tuple[str, nn.Module, Tensor]]:
    """Every call of a module that gives one batch of maps: name, module, output."""
    calls: list[tuple[str, nn.Module, Tensor]] = []

    def note(name: str) -> Any:
        def hook(module: nn.Module, _: Any, output: Any) -> None:
            if isinstance(output, Tensor) and output.ndim == 4:
                calls.append((name, module, output))

        return hook

    handles = [module.register_forward_hook(note(name)) for name, module in _modules(network)]
    training = network.training
    try:
        with torch.enable_grad():
            network.eval()(picture)
    finally:
        network.train(training)
        for handle in handles:
            handle.remove()
    return calls


def _modules(network: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """All modules that have parameters, by name, without the network itself."""
    for name, module in network.named_modules():
        if name and next(module.parameters(), None) is not None:
            yield name, module


def _choose(network: nn.Module, drawable: set[str]) -> set[str]:
    """Names of the stages; while they are few, the largest that can be is taken apart."""
    modules = dict(network.named_modules())
    chosen = set(_stage_names(network, "", drawable))
    while len(chosen) < _FEWEST:
        by_size = sorted(chosen, key=lambda name: count_parameters(modules[name]), reverse=True)
        for name in by_size:
            parts = set(_stage_names(modules[name], name, drawable))
            if parts:
                chosen = chosen - {name} | parts
                break
        else:
            break
    return chosen


def _stage_names(module: nn.Module, prefix: str, drawable: set[str]) -> Iterator[str]:
    for name, child in module.named_children():
        full = f"{prefix}.{name}" if prefix else name
        holds_list = any(isinstance(part, nn.ModuleList) for part in child.children())
        if full in drawable and not holds_list:
            yield full
        else:
            yield from _stage_names(child, full, drawable)


def _sources(
    output: Tensor, place: int, makers: dict[Any, int], picture: Tensor
) -> tuple[int, ...]:
    """Walk the graph back from a stage's output to the outputs of other stages."""
    found: set[int] = set()
    ahead, seen = [output.grad_fn], set()
    while ahead:
        node = ahead.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if makers.get(node, place) != place:
            found.add(makers[node])
        elif getattr(node, "variable", None) is picture:
            found.add(PICTURE)
        else:
            ahead += [before for before, _ in node.next_functions]
    return tuple(sorted(found))
