"""``unveil doctor``: is this installation healthy, and what is the remedy where it is not."""

from typing import Annotated

import typer

from unveil.cli import EXIT_FAILED
from unveil.cli._checkup import Check, State, examine
from unveil.cli._console import print_json

_SIGN = {State.OK: ("green", "ok"), State.ADVICE: ("yellow", "!!"), State.BROKEN: ("red", "XX")}


def doctor(
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output.")
    ] = False,
) -> None:
    """Check this installation: versions, runtime, threads, model, formats, a timed self-test.

    Each finding is ok, !! (works, could be better) or XX (broken), with its remedy. The exit code
    is 1 if something is broken.
    """
    checks = examine()
    healthy = all(check.state is not State.BROKEN for check in checks)
    if as_json:
        print_json({"healthy": healthy, "checks": [check.to_dict() for check in checks]})
    else:
        _print(checks, healthy)
    if not healthy:
        raise typer.Exit(EXIT_FAILED)


def _print(checks: list[Check], healthy: bool) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False)
    for check in checks:
        style, sign = _SIGN[check.state]
        table.add_row(Text(sign, style), Text(check.name), Text(check.value))
        if check.remedy:
            table.add_row("", "", Text(f"remedy: {check.remedy}", style))
    console = Console(highlight=False)
    console.print(table)
    advice = sum(check.state is State.ADVICE for check in checks)
    broken = sum(check.state is State.BROKEN for check in checks)
    if not healthy:
        console.print(Text(f"{broken} broken; follow the remedies above", "red"))
    elif advice:
        console.print(Text(f"healthy, with {advice} piece{'s' * (advice != 1)} of advice"))
    else:
        console.print(Text("healthy"))
