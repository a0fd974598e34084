# Deploys Darkroom's packaged template as a CloudFormation stack. `make package` writes the template and uploads the
# functions; docs/terraform.md shows both steps.

variable "name" {
  description = "The name of the stack. The names of all resources begin with it."
  type        = string
  default     = "darkroom"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z][-a-zA-Z0-9]{0,49}$", var.name))
    error_message = "A letter, and then at most 49 letters, digits and hyphens."
  }
}

variable "template_file" {
  description = "The path of the packaged template, which `make package` has written."
  type        = string
  nullable    = false

  validation {
    condition     = fileexists(var.template_file)
    error_message = "The file does not exist: run `make package BUCKET=name` first."
  }
}

variable "artifacts_bucket" {
  description = "The bucket of `make package`, in the provider's region. CloudFormation reads the template from it."
  type        = string
  nullable    = false
}

variable "tags" {
  description = "Tags of the stack, and of its resources that can have tags."
  type        = map(string)
  default     = {}
  nullable    = false
}

locals {
  template_digest = filesha256(var.template_file)
  # A change without a new release name has no effect, so the default name changes with the template and the parameters.
  release = var.release != "" ? var.release : substr(sha256("${local.template_digest}${jsonencode(local.parameters)}"), 0, 16)
}

# A template of more than 51,200 bytes must be in S3.
resource "aws_s3_object" "template" {
  bucket = var.artifacts_bucket
  key    = "${var.name}/template-${local.template_digest}.yaml"
  source = var.template_file
}

data "aws_s3_bucket" "artifacts" {
  bucket = var.artifacts_bucket
}

resource "aws_cloudformation_stack" "darkroom" {
  name         = var.name
  template_url = "https://${data.aws_s3_bucket.artifacts.bucket_regional_domain_name}/${aws_s3_object.template.key}"
  parameters   = merge(local.parameters, { Release = local.release })
  capabilities = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
  tags         = var.tags
}
