"""The import of an OpenAPI body applies everything in the body to the REST API.

MiniStack's import applies paths, security, and the address of an integration. It supports the rest (validators, models,
parameters, gateway responses, mappings) only through API calls, so this module makes those calls. As on AWS, `security`
at the root is ignored, and an operation without its own is open.
<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html>
<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html#api-gateway-known-issues-rest-apis>
"""

from __future__ import annotations

import json
from typing import Any, Callable

from ministack.services import apigateway_v1 as gateway

from . import patching

Json = dict[str, Any]
EXTENSION = "x-amazon-apigateway-"
INTEGRATION_FIELDS = (
    "contentHandling",
    "credentials",
    "passthroughBehavior",
    "requestParameters",
    "requestTemplates",
    "timeoutInMillis",
)


def install() -> None:
    """Wraps the import."""
    patching.check(gateway, "_create_model", "api_id, data")
    patching.check(gateway, "_create_request_validator", "api_id, data")
    patching.check(gateway, "_put_gateway_response", "api_id, response_type, data")
    patching.check(gateway, "_put_integration_response", "api_id, resource_id, http_method, status_code, data")
    patching.replace(gateway, "_import_rest_api", "spec, base_data", _importing_all)


def _importing_all(import_rest_api: Callable[..., str]) -> Callable[..., str]:
    def import_all(spec: Json, base_data: Any = None) -> str:
        api_id = import_rest_api({name: value for name, value in spec.items() if name != "security"}, base_data)
        _Completion(api_id, spec).run()
        return api_id

    return import_all


class _Completion:
    """The second pass of an import, over a body whose paths and methods already exist."""

    def __init__(self, api_id: str, spec: Json) -> None:
        self.api_id = api_id
        self.spec = spec
        self.validators: dict[str, str] = {}

    def run(self) -> None:
        if types := self.spec.get(EXTENSION + "binary-media-types"):
            gateway._rest_apis[self.api_id]["binaryMediaTypes"] = list(types)
        for name, validator in self.spec.get(EXTENSION + "request-validators", {}).items():
            made = _checked(gateway._create_request_validator(self.api_id, {"name": name, **validator}))
            self.validators[name] = made["id"]
        for kind, response in self.spec.get(EXTENSION + "gateway-responses", {}).items():
            _checked(gateway._put_gateway_response(self.api_id, kind, response))
        resources = {resource["path"]: resource for resource in gateway._resources[self.api_id].values()}
        for path, item in self.spec.get("paths", {}).items():
            for verb, method in resources[path]["resourceMethods"].items():
                operation = item.get(verb.lower(), {})
                self._complete_method(method, item, operation)
                self._complete_integration(resources[path]["id"], verb, method, operation)

    def _complete_method(self, method: Json, item: Json, operation: Json) -> None:
        name = operation.get(EXTENSION + "request-validator", self.spec.get(EXTENSION + "request-validator"))
        method["requestValidatorId"] = self.validators.get(name or "")
        for parameter in [*item.get("parameters", []), *operation.get("parameters", [])]:
            parameter = self._resolved(parameter)
            place = "querystring" if parameter["in"] == "query" else parameter["in"]
            required = parameter.get("required", False)
            method["requestParameters"][f"method.request.{place}.{parameter['name']}"] = required
        contents = self._resolved(operation.get("requestBody", {})).get("content", {})
        for content_type, content in contents.items():
            if "schema" in content:
                method["requestModels"][content_type] = self._model(content["schema"])

    def _complete_integration(self, resource_id: str, verb: str, method: Json, operation: Json) -> None:
        described = operation.get(EXTENSION + "integration")
        if not described:
            return
        integration = method["methodIntegration"]
        integration.update({name: described[name] for name in INTEGRATION_FIELDS if name in described})
        for pattern, response in described.get("responses", {}).items():
            status = str(response.get("statusCode", "200"))
            pattern = "" if pattern == "default" else pattern
            # API Gateway stores them by status: the second would replace the first.
            if status in integration["integrationResponses"]:
                raise ValueError(f"two integration responses answer {status}, and API Gateway keeps one of them")
            self._check_headers_declared(operation, status, response)
            data = {**response, "selectionPattern": pattern}
            _checked(gateway._put_integration_response(self.api_id, resource_id, verb, status, data))

    def _check_headers_declared(self, operation: Json, status: str, response: Json) -> None:
        # Otherwise API Gateway refuses the whole body.
        declared = self._resolved(operation.get("responses", {}).get(status, {})).get("headers", {})
        for target in response.get("responseParameters") or {}:
            name = target.removeprefix("method.response.header.")
            if name not in declared:
                raise ValueError(f"the response {status} of {operation.get('operationId')} declares no header {name}")

    def _model(self, schema: Json) -> str:
        # A model is self-contained, so the components that a schema refers to are added to it.
        text = json.dumps({**schema, "components": self.spec.get("components", {})})
        name = f"model{len(gateway._models.get(self.api_id, {}))}"
        _checked(gateway._create_model(self.api_id, {"name": name, "schema": text}))
        return name

    def _resolved(self, node: Json) -> Json:
        if "$ref" not in node:
            return node
        target: Any = self.spec
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return target


def _checked(response: tuple[int, Any, bytes | str]) -> Json:
    status, _, body = response
    if status >= 400:
        raise ValueError(f"OpenAPI body: {body!r}")
    return json.loads(body)
