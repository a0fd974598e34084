"""A task calls its function as the state machine's role, which must trust Step Functions and may call the function.

MiniStack stores the role but does not use it. Only tasks that call functions are checked here. On AWS, the error of a
denied call is `Lambda.AWSLambdaException` (github.com/awslabs/aws-deployment-framework/issues/460).
<https://docs.aws.amazon.com/step-functions/latest/dg/concept-create-iam-advanced.html>
<https://docs.aws.amazon.com/step-functions/latest/dg/lambda-iam.html>
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, Callable

from ministack.services import lambda_svc, stepfunctions

from . import patching, service_rights

SERVICE = "states.amazonaws.com"

# A task with a time-out runs in its own thread, with a copy of the context.
_execution: ContextVar[dict[str, Any]] = ContextVar("execution")


def install() -> None:
    """Stores the execution of a task, and checks the right before the call."""
    patching.check(lambda_svc, "_get_func_record_for_ref", "function_ref")
    patching.replace(stepfunctions, "_execute_task", "state_def, raw_input, execution, ctx", _storing_the_execution)
    patching.replace(stepfunctions, "_call_lambda", "func_ref, event", _as_the_role)


def _storing_the_execution(execute: Callable[..., Any]) -> Callable[..., Any]:
    def execute_task(state_def: Any, raw_input: Any, execution: dict[str, Any], ctx: Any) -> Any:
        token = _execution.set(execution)
        try:
            return execute(state_def, raw_input, execution, ctx)
        finally:
            _execution.reset(token)

    return execute_task


def _as_the_role(call: Callable[..., Any]) -> Callable[..., Any]:
    def call_lambda(func_ref: str, event: Any) -> Any:
        execution = _execution.get()
        arn = execution["stateMachineArn"]
        called = _called(func_ref)
        refusal = called and service_rights.refused_to_role(
            stepfunctions._state_machines[arn]["roleArn"], SERVICE, "lambda:InvokeFunction", called, arn, execution["name"]
        )
        if refusal:
            cause = f"{refusal} (Service: AWSLambda; Status Code: 403; Error Code: AccessDeniedException)"
            raise stepfunctions._ExecutionError("Lambda.AWSLambdaException", cause)
        return call(func_ref, event)

    return call_lambda


def _called(func_ref: str) -> str | None:
    """The ARN of the called function, with its version or alias; None if the function does not exist."""
    if func_ref.startswith("arn:"):
        return func_ref
    function, _, _ = lambda_svc._get_func_record_for_ref(func_ref)
    if not function:
        return None
    name, colon, qualifier = func_ref.partition(":")
    return function["config"]["FunctionArn"] + colon + qualifier
