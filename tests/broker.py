"""A real Kafka for the tests: that of NOFUMBLE_KAFKA_BOOTSTRAP when it is set, else one that is started for the run.

Where neither is to be had, tests of Kafka skip with the reason; under CI=true they fail.
"""

import os
from collections.abc import Iterator

import pytest

from nofumble.errors import ServiceUnavailable
from nofumble.kafka.broker import running_broker

VARIABLE = "NOFUMBLE_KAFKA_BOOTSTRAP"


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a broker."""
    given = os.environ.get(VARIABLE)
    if given:
        yield given
        return
    try:
        with running_broker(tmp_path_factory.mktemp("kafka")) as broker:
            yield broker.address
    except ServiceUnavailable as error:
        missing = f"{error}; or name a broker by {VARIABLE}"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
