"""The next steps after a deployment to the local cloud, as `make up` prints them."""

from __future__ import annotations

import json

from . import cargo
from .layout import REPOSITORY, Instance, LocalCloudError

TEXT = """\
the local cloud runs until `make down`, and {outputs} names everything in it

  darkroom   {darkroom}
             {darkroom} upload photo.jpg
             {darkroom} show photo.jpg

  API        {api}
  API key    {key}
             curl -H 'X-Api-Key: {key}' --data-binary @photo.jpg -H 'Content-Type: image/jpeg' \\
                 {api}/images
             (docs/api.md has every call)

  S3         eval "$(python3 local/cloud.py env)"      also sets API_URL and API_KEY
             aws s3 cp photo.jpg s3://{bucket}/uploads/photo.jpg

  sizes      {darkroom} profiles --sizes 200x200,400x400 > my-sizes.json
             make up PROFILES=my-sizes.json
"""


def text(instance: Instance) -> str:
    """The next steps, with the addresses and names of this instance."""
    outputs = _outputs(instance)
    return TEXT.format(
        outputs=_relative(instance.outputs_file),
        darkroom=_relative(cargo.target_folder() / "debug" / "darkroom"),
        api=outputs["ApiUrl"],
        key=outputs.get("ApiKey", "(this stack takes no keys)"),
        bucket=outputs["SourceBucketName"],
    )


def variables(instance: Instance) -> dict[str, str]:
    """The API's address and key, under the names of docs/api.md; empty before a deployment."""
    if not instance.outputs_file.exists():
        return {}
    outputs = _outputs(instance)
    return {name: outputs[key] for name, key in (("API_URL", "ApiUrl"), ("API_KEY", "ApiKey")) if key in outputs}


def _outputs(instance: Instance) -> dict[str, str]:
    if not instance.outputs_file.exists():
        raise LocalCloudError("no stack is deployed: `make up` deploys one")
    return json.loads(instance.outputs_file.read_text())


def _relative(path: object) -> str:
    return str(path).removeprefix(f"{REPOSITORY}/")
