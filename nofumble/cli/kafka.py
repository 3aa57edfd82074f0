"""Operating Kafka: its topics, putting a file of events on them, and how far the agents are behind."""

from threading import Event as Flag
from typing import Annotated

import typer

from agents.intake import CHUNK_ROWS, Intake
from agents.kafka.relays import relay_events
from agents.kafka.topics import Publisher, Unpublished, topics_of
from agents.ports import Store
from config.settings import PARTITIONS_MAX
from nofumble.cli.ingest import rows_of
from nofumble.cli.options import AsJson, SourceFormat, XesAccount, check_account_option, current_settings
from nofumble.cli.output import number_of, progress, say, write_json, write_parts, write_table
from nofumble.cli.session import open_session
from nofumble.clock import new_id
from nofumble.errors import ExitCode, ServiceUnavailable
from nofumble.wiring import read_source

SECONDS_SHOWN_MAX = 120
FOLLOW_WAIT_S = 0.1


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(name="kafka", help="Topics of Kafka: make and check them, fill them, and see the lag.")
    group.command(epilog="Example: nofumble kafka topics")(topics)
    group.command(epilog="Example: nofumble kafka emit docs/examples/signature.jsonl")(emit)
    group.command(epilog="Example: nofumble kafka lag --json")(lag)
    group.command(epilog="Example: nofumble kafka repartition 16")(repartition)
    app.add_typer(group)


def topics(
    check: Annotated[bool, typer.Option("--check", help="Make nothing, only look.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make the topics that are missing, and check all of them: partitions, retention, compaction.

    Ends with 1 when one of them is not as the agents need it.
    """
    from nofumble.kafka.following import bootstrap_of, open_kafka

    settings = current_settings()
    names = topics_of(settings.kafka_prefix)
    with open_kafka(bootstrap_of(settings)) as kafka:
        made = [] if check else kafka.make(names, settings.partitions)
        found = kafka.look_at(names, settings.partitions)
    if as_json:
        write_json(
            {"topic": one.name, "partitions": one.partitions, "made": one.name in made, "findings": list(one.findings)}
            for one in found
        )
    else:
        rows = [
            (one.name, str(one.partitions), "made" if one.name in made else "there" if one.topic_id else "missing")
            for one in found
        ]
        write_table(("topic", "partitions", "state"), rows)
        for one in found:
            for finding in one.findings:
                say(finding)
    if any(one.findings for one in found):
        raise typer.Exit(ExitCode.FOUND)


def emit(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Files of events, or - for standard input.")],
    form: SourceFormat = "events",
    account: XesAccount = None,
    as_json: AsJson = False,
) -> None:
    """Take files of events in, and put what was accepted on the topic of events.

    The same intake as `nofumble ingest`, which leaves the second half to the workers: references become accounts before
    the key is chosen, and what is known already is not sent again. Feeding a file twice changes nothing.
    """
    from nofumble.kafka.following import follow_topic
    from nofumble.kafka.producer import CommandPublisher

    check_account_option(form, account)
    readings = [(file, read_source(file, form, account=account)) for file in files]
    with open_session() as session:
        followed = follow_topic(session.store, session.settings)
        with progress("taking in") as step:
            intake = Intake(session.store, session.directory)
            tally = intake.take(rows_of(readings), now=session.now, on_chunk=lambda _: step(CHUNK_ROWS))
        publisher = CommandPublisher(followed.bootstrap)
        try:
            sent = _send(session.store, publisher, followed.topics.events)
        except Unpublished as error:
            raise ServiceUnavailable(f"{error}; nothing is lost: a worker sends them, or run this again") from error
        finally:
            publisher.close()
    if as_json:
        write_json([tally.as_json() | {"sent": sent}])
        return
    counted = {name: f"{count:,}" for name, count in tally.as_json().items() if name != "supporting"}
    write_parts([*counted.items(), ("sent", f"{sent:,}")])


def _send(store: Store, publisher: Publisher, topic: str) -> int:
    """Wait until what was taken in is on the topic, by a worker that relays, else by us; return how many that were."""
    waiting = {state.partition: (state.relayed, state.end) for state in store.partitions()}
    count = sum(end - relayed for relayed, end in waiting.values())
    pause, relay = Flag(), new_id()
    with progress("sending", count) as step:
        while any(state.relayed < waiting[state.partition][1] for state in store.partitions()):
            if store.lead_relay(relay):
                relay_events(store, publisher, topic, step)
            else:
                pause.wait(FOLLOW_WAIT_S)
    store.leave_relay(relay)
    return count


def lag(as_json: AsJson = False) -> None:
    """Show how far the agents are behind the topic, by partition: their cursor against its end, and for how long."""
    from nofumble.kafka.following import bootstrap_of, check_follows, open_kafka
    from nofumble.kafka.lag import lags

    with open_session() as session:
        states = session.store.partitions()
        check_follows(states)
        topic = topics_of(session.settings.kafka_prefix).events
        with open_kafka(bootstrap_of(session.settings)) as kafka:
            found = lags(kafka, topic, states, now=session.now)
    if as_json:
        write_json(one._asdict() | {"lag": one.records} for one in found)
        return
    rows = [
        (str(one.partition), f"{one.cursor:,}", f"{one.end:,}", f"{one.records:,}", _age(one.age_s)) for one in found
    ]
    write_table(("partition", "cursor", "end", "lag", "age"), rows)
    say(f"{number_of(sum(one.records for one in found), 'record')} behind")
    unrelayed = sum(one.unrelayed for one in found)
    if unrelayed:
        say(f"{number_of(unrelayed, 'accepted event')} on the way to the topic")


def repartition(
    count: Annotated[int, typer.Argument(metavar="N", min=2, max=PARTITIONS_MAX, help="How many there are to be.")],
    as_json: AsJson = False,
) -> None:
    """Give the store and its topics more partitions, so that more workers can share them.

    Stop all workers first, when they have worked everything off. Accounts move to their new partition; nothing is read
    twice. Then set NOFUMBLE_PARTITIONS to the new number everywhere, and start the workers. Whoever dies in between
    runs it again.
    """
    from nofumble.kafka import repartitioning
    from nofumble.kafka.following import bootstrap_of, open_kafka
    from nofumble.store.postgres_store import PostgresStore

    with open_session() as session:
        store = session.store
        assert isinstance(store, PostgresStore), "commands work on PostgreSQL"
        with open_kafka(bootstrap_of(session.settings)) as kafka:
            moved = repartitioning.repartition(store, kafka, session.settings, count)
    if as_json:
        write_json([{"partitions": count, "moved": moved}])
    else:
        say(f"{number_of(moved, 'account')} moved; set NOFUMBLE_PARTITIONS={count} everywhere, then start the workers")


def _age(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds:.0f} s" if seconds < SECONDS_SHOWN_MAX else f"{seconds / 60:.0f} min"
