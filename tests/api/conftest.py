"""The API of three stacks, one for each kind of authorisation, on the local cloud that DARKROOM_OUTPUTS names."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from callers import access_key, id_token
from calls import Api, with_key, with_signature, with_token
from stacks import OTHER_POOL, PARAMETERS, Stack

Deploy = Callable[..., dict[str, str]]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "leaves_something: the request is accepted, so a picture and an execution remain")


@pytest.fixture(scope="session")
def usual(outputs: dict[str, str]) -> Stack:
    """The default stack: an API key, and no intake queue."""
    return Stack("darkroom-local", outputs)


@pytest.fixture(scope="session")
def cognito(deploy: Deploy) -> Stack:
    return Stack("darkroom-cognito", deploy("darkroom-cognito", **PARAMETERS["darkroom-cognito"]))


@pytest.fixture(scope="session")
def other_pool(deploy: Deploy, cognito: Stack) -> Stack:
    """A stack with the Cognito pool of another stack, for that stack's client and for a client that does not exist."""
    pool = cognito.client("cognito-idp").describe_user_pool(UserPoolId=cognito.outputs["UserPoolId"])["UserPool"]
    clients = f"none,{cognito.outputs['UserPoolClientId']}"
    deployed = deploy(OTHER_POOL, Authorization="Cognito", UserPoolArn=pool["Arn"], UserPoolClientIds=clients)
    return Stack(OTHER_POOL, deployed)


@pytest.fixture(scope="session")
def iam(deploy: Deploy) -> Stack:
    return Stack("darkroom-iam", deploy("darkroom-iam", **PARAMETERS["darkroom-iam"]))


@pytest.fixture(scope="session")
def token(cognito: Stack) -> str:
    """The ID token of a user in the pool of the Cognito stack."""
    return id_token(cognito, cognito.outputs["UserPoolId"], cognito.outputs["UserPoolClientId"])


@pytest.fixture(scope="session")
def api(usual: Stack) -> Api:
    """The API of the default stack, called with its key."""
    return Api(usual, with_key(usual.outputs["ApiKey"]))


@pytest.fixture(scope="session")
def iam_api(iam: Stack) -> Api:
    """The API of the IAM stack, called by a user who may call it."""
    return Api(iam, with_signature(*access_key(iam, allowed=True)))


@pytest.fixture(scope="session", params=["ApiKey", "Cognito", "Iam"])
def any_api(request: pytest.FixtureRequest) -> Api:
    """Each of the three APIs, called with valid credentials."""
    if request.param == "ApiKey":
        return request.getfixturevalue("api")
    if request.param == "Iam":
        return request.getfixturevalue("iam_api")
    return Api(request.getfixturevalue("cognito"), with_token(request.getfixturevalue("token")))
