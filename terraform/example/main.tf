# Darkroom with a CDN, own sizes and alarms by e-mail. Run `make package BUCKET=my-artifacts` in the repository first.

provider "aws" {
  region = "eu-west-1"
}

module "darkroom" {
  source = "../"

  name             = "darkroom-prod"
  template_file    = "${path.module}/../../.aws-sam/packaged.yaml"
  artifacts_bucket = "my-artifacts"

  stage       = "prod"
  delivery    = "CloudFront"
  alarm_email = "oncall@example.com"

  default_profile = "shop"
  profiles = jsonencode({
    shop = {
      renditions = [
        { name = "card", fit = "cover", width = 400, height = 400, format = "webp" },
        { name = "page", width = 1600, height = 1600, format = "webp" },
      ]
    }
  })

  tags = { application = "darkroom" }
}

output "api_url" {
  value = module.darkroom.api_url
}

output "source_bucket_name" {
  value = module.darkroom.source_bucket_name
}
