"""A broker that is gone for a moment is waited for, one that is gone for longer ends the worker: never a hang."""

import asyncio
from types import SimpleNamespace

import pytest

from agents.kafka import transport
from agents.kafka.transport import BatchConsumer, BrokerSilent, KafkaApp
from nofumble.errors import ServiceUnavailable
from nofumble.kafka import following


def test_a_broker_that_never_says_how_far_its_log_reaches_is_given_up(monkeypatch):
    async def never(*_):
        await asyncio.Event().wait()

    monkeypatch.setattr(transport, "ANSWER_MAX_S", 0.01)
    consumer = SimpleNamespace(should_stop=False, ours=lambda: {1}, _thread=SimpleNamespace(highwaters=never))

    with pytest.raises(BrokerSilent, match="did not say how far its log reaches"):
        asyncio.run(BatchConsumer.ends(consumer))


def test_a_worker_that_stops_asks_nothing_of_the_thread_that_is_about_to_end():
    def ended(*_):
        raise RuntimeError("Event loop is closed")

    thread = SimpleNamespace(highwaters=ended, call_thread=ended)
    consumer = SimpleNamespace(should_stop=True, ours=lambda: {1}, runtime=SimpleNamespace(topic="t"), _thread=thread)

    assert asyncio.run(BatchConsumer.ends(consumer)) == {}
    asyncio.run(BatchConsumer.hint(consumer, {0: 7}))


def test_a_worker_that_stops_during_a_rebalance_leaves_the_client_to_its_thread():
    """Faust would close it from the main loop, after which it never ended."""
    closed: list[str] = []
    stopping = SimpleNamespace(consumer=SimpleNamespace(close=lambda: closed.append("closed")))

    KafkaApp._on_rebalance_when_stopped(stopping)

    assert closed == []


def test_an_audit_asks_a_broker_again_that_comes_back(monkeypatch):
    monkeypatch.setattr(following, "RETRY_WAIT_S", 0.001)
    answers = iter([ServiceUnavailable("reset"), ServiceUnavailable("reset"), "the log"])

    def look():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert following._answered(look, 60) == "the log"


def test_and_gives_up_in_time(monkeypatch):
    monkeypatch.setattr(following, "RETRY_WAIT_S", 0.001)

    def look():
        raise ServiceUnavailable("reset")

    with pytest.raises(ServiceUnavailable, match="reset"):
        following._answered(look, 0.01)
