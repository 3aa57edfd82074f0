"""What the batch transport leans on in Faust: a new faust-streaming that changes it turns this red, and not a customer.

Faust promises none of it. What is compared is the source of each function that is overridden or relied on: a change
there is to be read, `agents/kafka/transport.py` is to be thought through again, and then the hash is to be renewed.
"""

import inspect
from collections.abc import Callable
from hashlib import sha256
from importlib.metadata import version

import pytest
from aiokafka import AIOKafkaConsumer
from faust.app.base import App
from faust.streams import Stream
from faust.tables.recovery import Recovery
from faust.transport import consumer
from faust.transport.drivers import aiokafka as driver
from mode.supervisors import CrashingSupervisor
from mode.worker import Worker

from agents.kafka.transport import BatchConsumer, BatchTransport, KafkaApp

RELIED_ON: dict[str, tuple[Callable[..., object], str]] = {
    # Overridden: what Faust itself would do there.
    "the consumer's getmany": (consumer.Consumer.getmany, "4b168d84882a"),
    "the consumer's seek to the committed offsets": (consumer.ThreadDelegateConsumer.seek_to_committed, "f1d483b861b0"),
    "the consumer's revocation": (consumer.Consumer.on_partitions_revoked, "d04b7ae72c6f"),
    "the app's transport": (App._new_transport, "42db531312dd"),
    "a rebalance while the app stops": (App._on_rebalance_when_stopped, "1b172d9af8ff"),
    "the client of a worker": (driver.AIOKafkaConsumerThread._create_worker_consumer, "c2701bfc3e6f"),
    "the consumer's thread": (driver.Consumer._new_consumer_thread, "0870ec53dea7"),
    "a worker's end by a signal": (Worker._schedule_shutdown, "1a6a5dfc88c2"),
    # Called: they must do what they did.
    "waiting for records": (consumer.Consumer._wait_next_records, "6218e1969a63"),
    "fetching in the thread": (driver.AIOKafkaConsumerThread._fetch_records, "39a2c6c79fc1"),
    "seeking in the thread": (driver.AIOKafkaConsumerThread._seek_wait, "9d221e816d94"),
    "the first offsets": (driver.AIOKafkaConsumerThread.earliest_offsets, "5d697cd76873"),
    "where the client goes on": (driver.AIOKafkaConsumerThread.position, "20a2c434bb8e"),
    "the client's start": (AIOKafkaConsumer.start, "2f1ba7044332"),
    "the last offsets": (driver.AIOKafkaConsumerThread._highwaters, "a7f4f97d9f32"),
    # Around them: the order in which Faust calls us.
    "the seek after a rebalance": (consumer.Consumer.perform_seek, "0e8c130ff4b0"),
    "the resumption after a rebalance": (Recovery._resume_streams, "d986a6710c1a"),
    "the app's revocation": (App._on_partitions_revoked, "d5c895bbe57d"),
    "the app's assignment": (App._on_partitions_assigned, "de932b7927db"),
    "draining what was fetched": (consumer.Consumer._drain_messages, "44a2500309e8"),
    "a stream without acks": (Stream.noack, "921a6f5c674d"),
    "the supervisor that lets the process crash": (CrashingSupervisor._contribute_to_service, "02faf60d8b7f"),
}
RENEWED_WITH = "0.15.3"


def hash_of(function: Callable[..., object]) -> str:
    return sha256(inspect.getsource(inspect.unwrap(function)).encode()).hexdigest()[:12]


@pytest.mark.parametrize("what", RELIED_ON)
def test_what_the_transport_leans_on_is_as_it_was_read(what):
    function, expected = RELIED_ON[what]

    assert hash_of(function) == expected, (
        f"{what} is not what it was in faust-streaming {RENEWED_WITH} (this is {version('faust-streaming')}): "
        "read the change, think agents/kafka/transport.py through again, then renew the hash"
    )


def test_our_classes_are_those_that_faust_will_use():
    assert (BatchTransport.Consumer, KafkaApp._new_transport is not App._new_transport) == (BatchConsumer, True)


@pytest.mark.parametrize("name", ["getmany", "seek_to_committed", "on_partitions_revoked"])
def test_what_we_override_is_still_there_with_the_same_parameters(name):
    ours, theirs = getattr(BatchConsumer, name), getattr(driver.Consumer, name)

    assert list(inspect.signature(ours).parameters) == list(inspect.signature(theirs).parameters)


@pytest.mark.parametrize("name", ["_read_offset", "flow_active", "should_stop", "assignment", "seek_wait"])
def test_the_names_that_we_use_are_there(name):
    assert hasattr(driver.Consumer, name) or name in consumer.Consumer.__annotations__
