"""Creates callers of the API: users of a Cognito pool, and users of IAM."""

from __future__ import annotations

import uuid

from stacks import Stack

PASSWORD = "Correct-horse-battery-1"


def id_token(stack: Stack, pool: str, client: str) -> str:
    """Creates a user, signs it in, and returns its ID token."""
    cognito, name = stack.client("cognito-idp"), f"user-{uuid.uuid4()}"
    cognito.admin_create_user(UserPoolId=pool, Username=name, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username=name, Password=PASSWORD, Permanent=True)
    signed_in = cognito.admin_initiate_auth(
        UserPoolId=pool,
        ClientId=client,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD},
    )
    return signed_in["AuthenticationResult"]["IdToken"]


def access_key(stack: Stack, *, allowed: bool) -> tuple[str, str]:
    """Creates an IAM user who may call the stack's API, or has no rights. Returns the key and the secret."""
    resource = f"arn:aws:execute-api:*:*:{stack.outputs['ApiId']}/*"
    call = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": resource}
    return stack.user(*([call] if allowed else []))
