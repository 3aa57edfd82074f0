"""What the OpenAPI document says is what the API does: requests are made from it, and no answer is a fault of ours."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from config.settings import Settings
from nofumble.postgres import Database
from nofumble.web.app import make_app
from nofumble.web.tokens import new_token
from tests.database import DatabaseServer
from tests.web.application import Site, served, site

pytestmark = pytest.mark.slow

EXAMPLES = 4
"""Of each operation; `--hypothesis-profile` and more of them are for a longer look."""

CHECKS = [
    schemathesis.checks.not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]


@pytest.fixture(scope="module")
def attacked(
    database_server: DatabaseServer, played: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    with (
        database_server.copy_of(played) as database,
        site(database, tmp_path_factory.mktemp("schema")) as one,
    ):
        yield one


@pytest.fixture(scope="module")
def address(attacked: Site) -> Iterator[str]:
    with served(attacked) as address:
        yield address


@pytest.fixture(scope="module")
def token(attacked: Site) -> str:
    from typing import get_args

    from nofumble.web.roles import Permission

    attacked.store.put_user("ada", password=None, roles=["admin"], at=attacked.clock.now())
    _, secret = new_token(attacked.store, "ada", "test", get_args(Permission), days=9, now=attacked.clock.now())
    return secret


DOCUMENT = make_app(Settings(), Database("")).openapi()
OPERATIONS = [one.ok() for one in schemathesis.openapi.from_dict(DOCUMENT).get_all_operations()]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.label)
def test_an_operation_answers_what_its_document_says(operation: Any, address: str, token: str):
    @given(case=operation.as_strategy())
    @settings(max_examples=EXAMPLES, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
    def asked(case: Any) -> None:
        headers = {"Authorization": f"Bearer {token}", "If-Match": "*"}
        answer = case.call(base_url=address, headers=headers)
        case.validate_response(answer, checks=CHECKS)

    asked()


def test_the_document_is_of_openapi_3_1_and_every_operation_has_its_words():
    assert DOCUMENT["openapi"].startswith("3.1")
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            assert operation["description"], (method, path)
