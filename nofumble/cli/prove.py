"""The proof for users: everything is killed, repeated and put to sleep, and what is lost or doubled is counted."""

import secrets
from typing import Annotated

import typer

from nofumble.cli.options import AsJson, current_settings
from nofumble.cli.output import number_of, say, write, write_json
from nofumble.errors import ExitCode

SEEDS = 1_000_000


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: nofumble prove --seconds 30")(prove)


def prove(
    kafka: Annotated[bool, typer.Option("--kafka", help="Prove workers on Kafka in place of embedded agents.")] = False,
    seconds: Annotated[float, typer.Option("--seconds", min=5, max=86_400, help="How long to be at it.")] = 60,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Draw the same events and disasters again.")] = None,
    as_json: AsJson = False,
) -> None:
    """Kill whatever runs, and count what is lost and what is doubled.

    A made-up quarter goes into a database of its own while the agents and the database are killed, put to sleep, and
    fed twice. In the end the tables are compared with what `simulate` gives. Exit code 1 when they differ. Nothing of
    yours is touched, and nothing is left behind.

    With --kafka the broker is killed and the group's offsets are moved, too. It takes the Kafka of the settings, with
    topics of its own, else it starts a broker, which needs Java, and Maven the first time.
    """
    from nofumble.prove.proof import prove as prove_embedded
    from nofumble.prove.proof import prove_on_kafka

    drawn = secrets.randbelow(SEEDS) if seed is None else seed
    if kafka:
        proof = prove_on_kafka(current_settings().kafka_bootstrap, seconds=seconds, seed=drawn, tell=say)
    else:
        proof = prove_embedded(seconds=seconds, seed=drawn, tell=say)
    for line in proof.verdict.said:
        say(line)
    if as_json:
        write_json(
            [
                {
                    "events": proof.events,
                    "kills": proof.kills,
                    "lost": proof.verdict.lost,
                    "doubled": proof.verdict.doubled,
                    "seed": proof.seed,
                }
            ]
        )
    else:
        write(
            f"{number_of(proof.events, 'event')}, {number_of(proof.kills, 'kill')}, "
            f"lost {proof.verdict.lost:,}, doubled {proof.verdict.doubled:,}, seed {proof.seed}"
        )
    if not proof.holds:
        raise typer.Exit(ExitCode.FOUND)
