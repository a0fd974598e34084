# Generated from template.yaml by `make docs`: do not edit.

variable "default_profile" {
  description = "The profile for keys whose first segment is not the name of a profile."
  type        = string
  default     = "web"
  nullable    = false

  validation {
    condition     = can(regex("^(?:[a-z0-9][a-z0-9-]{0,31})$", var.default_profile))
    error_message = "A profile's name is lower-case letters, digits and hyphens, at most 32."
  }
}

variable "profiles" {
  description = "The profiles. built-in, or empty - the profiles that ship with Darkroom. packaged, with a digest - the profiles of a file in the functions' packages; make deploy PROFILES=file.json checks the file, packages it and sets this parameter. Inline JSON, {\"name\": {\"accepts\", \"limits\", \"renditions\"}, ...}, as in docs/profile.schema.json - for tools that keep its quotes. Your own profiles replace the built-in ones without a rebuild."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^(?:^$|built-in|packaged:[0-9a-f]{10}|\\s*\\{[\\s\\S]*\\}\\s*)$", var.profiles))
    error_message = "Built-in, packaged with a digest, or a JSON object; make deploy PROFILES=file.json sets it."
  }

  validation {
    condition     = length(var.profiles) <= 3072
    error_message = "At most 3072 characters."
  }
}

variable "workflow_type" {
  description = "STANDARD keeps each execution for 90 days, and executions can be redriven. EXPRESS is cheaper for many pictures. But its executions end after 5 minutes, appear only in the logs, and cannot be redriven. A failed one publishes no event, and its record stays \"processing\"."
  type        = string
  default     = "STANDARD"
  nullable    = false

  validation {
    condition     = contains(["STANDARD", "EXPRESS"], var.workflow_type)
    error_message = "Must be one of STANDARD, EXPRESS."
  }
}

variable "intake" {
  description = "direct - an upload starts its execution at once. queue - an upload first waits in SQS, for 14 days at most. The queue absorbs bursts beyond the account's limits without retries, and the intake can be paused."
  type        = string
  default     = "direct"
  nullable    = false

  validation {
    condition     = contains(["direct", "queue"], var.intake)
    error_message = "Must be one of direct, queue."
  }
}

variable "architecture" {
  description = "The processor architecture of the functions."
  type        = string
  default     = "arm64"
  nullable    = false

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "Must be one of arm64, x86_64."
  }
}

variable "resize_memory_size" {
  description = "Memory of the resize function, in MB. Lambda grants processor time in proportion - 1769 MB have one whole processor, and the renderer uses no more than one. A picture that needs more memory is rejected before it is decoded."
  type        = number
  default     = 1769
  nullable    = false

  validation {
    condition     = var.resize_memory_size >= 256 && var.resize_memory_size <= 10240
    error_message = "Must be from 256 to 10240."
  }
}

variable "stage" {
  description = "The name of the environment. It is part of the API's URL."
  type        = string
  default     = "dev"
  nullable    = false

  validation {
    condition     = can(regex("^(?:[a-z][a-z0-9]{0,31})$", var.stage))
    error_message = "A stage's name is lower-case letters and digits, at most 32."
  }
}

variable "authorization" {
  description = "Who may call the API. ApiKey - callers with a key, within its rate and quota. Cognito - users of a pool. Iam - callers whom IAM allows execute-api:Invoke."
  type        = string
  default     = "ApiKey"
  nullable    = false

  validation {
    condition     = contains(["ApiKey", "Cognito", "Iam"], var.authorization)
    error_message = "Must be one of ApiKey, Cognito, Iam."
  }
}

variable "user_pool_arn" {
  description = "With Cognito, the ARN of the user pool. Empty - the stack creates one."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^(?:|arn:[a-z-]+:cognito-idp:[a-z0-9-]+:[0-9]{12}:userpool/[A-Za-z0-9_-]+)$", var.user_pool_arn))
    error_message = "The ARN of a Cognito user pool, or empty."
  }
}

variable "user_pool_client_ids" {
  description = "With UserPoolArn, the ids of the pool's app clients whose ID tokens the API accepts, separated by commas. Tokens of other clients are refused. A pool that the stack creates has one client; leave this empty then."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^(?:^$|[A-Za-z0-9]{1,128}(,[A-Za-z0-9]{1,128})*)$", var.user_pool_client_ids))
    error_message = "Ids of app clients, separated by commas."
  }
}

variable "api_manage_keys" {
  description = "With ApiKey, the ids of API keys that may delete and reprocess pictures, in addition to the stack's own key, separated by commas. Other keys may upload and read."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^(?:^$|[A-Za-z0-9]+(,[A-Za-z0-9]+)*)$", var.api_manage_keys))
    error_message = "Ids of API keys, separated by commas."
  }
}

variable "accepted_types" {
  description = "The content types that POST /images accepts, at most twelve, separated by commas. API Gateway compares them character by character, so aliases such as image/jpg are types of their own."
  type        = list(string)
  default     = ["image/jpeg", "image/jpg", "image/pjpeg", "image/png", "image/x-png", "image/webp", "image/gif"]
  nullable    = false

  validation {
    condition     = alltrue([for it in var.accepted_types : can(regex("^(?:image/(jpeg|jpg|pjpeg|png|x-png|webp|gif|avif|hei[cf]|tiff|bmp|x-icon|vnd\\.microsoft\\.icon|qoi|x-portable-(any|bit|gray|pix)map))$", it))])
    error_message = "Image/jpeg, image/png, image/webp, image/gif, or another type of a format that is read."
  }
}

variable "cors_origins" {
  description = "The origins whose pages may call the API, such as https://www.example.com, separated by commas; or *. Empty - no origin."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^(?:|\\*|https?://[^,/\" ]+(,https?://[^,/\" ]+)*)$", var.cors_origins))
    error_message = "Origins (scheme and host, without a slash at the end), or *."
  }
}

variable "api_rate_limit" {
  description = "Sustained requests a second - of each key, or of all callers together if there are no keys."
  type        = number
  default     = 100
  nullable    = false

  validation {
    condition     = var.api_rate_limit >= 1 && var.api_rate_limit <= 10000
    error_message = "Must be from 1 to 10000."
  }
}

variable "api_burst_limit" {
  description = "Requests in a burst - of each key, or of all callers together if there are no keys."
  type        = number
  default     = 200
  nullable    = false

  validation {
    condition     = var.api_burst_limit >= 1 && var.api_burst_limit <= 5000
    error_message = "Must be from 1 to 5000."
  }
}

variable "api_manage_rate_limit" {
  description = "Sustained deletions a second, of all callers together. The same limit holds for reprocessing requests."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.api_manage_rate_limit >= 1 && var.api_manage_rate_limit <= 10000
    error_message = "Must be from 1 to 10000."
  }
}

variable "api_manage_burst_limit" {
  description = "Deletions in a burst, of all callers together. The same limit holds for reprocessing requests."
  type        = number
  default     = 20
  nullable    = false

  validation {
    condition     = var.api_manage_burst_limit >= 1 && var.api_manage_burst_limit <= 5000
    error_message = "Must be from 1 to 5000."
  }
}

variable "api_monthly_quota" {
  description = "Requests a month, of each key."
  type        = number
  default     = 1000000
  nullable    = false

  validation {
    condition     = var.api_monthly_quota >= 1 && var.api_monthly_quota <= 2000000000
    error_message = "Must be from 1 to 2000000000."
  }
}

variable "api_log_role" {
  description = "API Gateway writes its access logs with one role for the whole account and region. create - this stack creates the role. existing - the account has one already."
  type        = string
  default     = "create"
  nullable    = false

  validation {
    condition     = contains(["create", "existing"], var.api_log_role)
    error_message = "Must be one of create, existing."
  }
}

variable "event_bus_name" {
  description = "The event bus, in this account and region, for the outcomes."
  type        = string
  default     = "default"
  nullable    = false

  validation {
    condition     = can(regex("^(?:[A-Za-z0-9._/-]{1,256})$", var.event_bus_name))
    error_message = "Matches [A-Za-z0-9._/-]{1,256}."
  }
}

variable "delivery" {
  description = "CloudFront - a CDN delivers renditions to everyone who knows their URL, or, with a public key below, to everyone who has a signed URL. None - the bucket can be read only through presigned URLs, or by callers with their own rights."
  type        = string
  default     = "None"
  nullable    = false

  validation {
    condition     = contains(["CloudFront", "None"], var.delivery)
    error_message = "Must be one of CloudFront, None."
  }
}

variable "delivery_domain_name" {
  description = "Your own domain for the CDN, such as pictures.example.com. Needs a certificate. Empty - no own domain."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^(?:^$|([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63})$", var.delivery_domain_name))
    error_message = "A domain name in lower case, without https:// and without a path."
  }
}

variable "delivery_certificate_arn" {
  description = "The ARN of the ACM certificate for that domain. CloudFront accepts certificates in us-east-1 only."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^(?:^$|arn:[a-z-]+:acm:us-east-1:[0-9]{12}:certificate/[A-Za-z0-9-]+)$", var.delivery_certificate_arn))
    error_message = "The ARN of an ACM certificate in us-east-1."
  }
}

variable "delivery_price_class" {
  description = "Where CloudFront has edges. 100 - North America and Europe. 200 - also most of Asia. All - everywhere."
  type        = string
  default     = "PriceClass_100"
  nullable    = false

  validation {
    condition     = contains(["PriceClass_100", "PriceClass_200", "PriceClass_All"], var.delivery_price_class)
    error_message = "Must be one of PriceClass_100, PriceClass_200, PriceClass_All."
  }
}

variable "delivery_cache_seconds" {
  description = "How long the CDN keeps a copy before it asks S3 again. A deleted picture is delivered for up to this time. Browsers keep their copies for a year, whatever this setting."
  type        = number
  default     = 86400
  nullable    = false

  validation {
    condition     = var.delivery_cache_seconds >= 0 && var.delivery_cache_seconds <= 31536000
    error_message = "Must be from 0 to 31536000."
  }
}

variable "delivery_allow_origin" {
  description = "The origin whose scripts may read renditions (CORS). * - any origin. Showing a picture needs no CORS."
  type        = string
  default     = "*"
  nullable    = false

  validation {
    condition     = can(regex("^(?:\\*|https?://[A-Za-z0-9.:*-]+)$", var.delivery_allow_origin))
    error_message = "An asterisk, or an origin such as https://www.example.com."
  }
}

variable "delivery_public_key_a" {
  description = "A public key in PEM (RSA 2048 or ECDSA P-256). With a public key, the CDN requires signed URLs or cookies. You sign them with the private key, which stays with you. Empty - no signature is required."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^(?:^$|-----BEGIN PUBLIC KEY-----[\\sA-Za-z0-9+/=]+-----END PUBLIC KEY-----\\s*)$", var.delivery_public_key_a))
    error_message = "A public key in PEM, from its BEGIN line to its END line."
  }

  validation {
    condition     = length(var.delivery_public_key_a) <= 1024
    error_message = "At most 1024 characters."
  }
}

variable "delivery_public_key_b" {
  description = "A second public key, valid like the first, so that one key can be replaced while both are in use."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^(?:^$|-----BEGIN PUBLIC KEY-----[\\sA-Za-z0-9+/=]+-----END PUBLIC KEY-----\\s*)$", var.delivery_public_key_b))
    error_message = "A public key in PEM, from its BEGIN line to its END line."
  }

  validation {
    condition     = length(var.delivery_public_key_b) <= 1024
    error_message = "At most 1024 characters."
  }
}

variable "release" {
  description = "The release's name, which must differ at each deployment. make deploy sets it. With a name, the state machine calls this release's versions of its functions. So an execution never mixes two releases, and a release can be rolled out and back. A change that is deployed without a new name, even of a parameter, has no effect. Empty - the state machine calls the newest functions."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^(?:[A-Za-z0-9._-]{0,64})$", var.release))
    error_message = "Matches [A-Za-z0-9._-]{0,64}."
  }
}

variable "rollout" {
  description = "How uploads move to a new release, which must have a Release name. CANARY - RolloutPercent of them at first, and all of them after RolloutMinutes. LINEAR - RolloutPercent more of them every RolloutMinutes. If an alarm rings before the end, all uploads move back."
  type        = string
  default     = "ALL_AT_ONCE"
  nullable    = false

  validation {
    condition     = contains(["ALL_AT_ONCE", "CANARY", "LINEAR"], var.rollout)
    error_message = "Must be one of ALL_AT_ONCE, CANARY, LINEAR."
  }
}

variable "rollout_percent" {
  description = "The percentage of uploads in one step of the roll-out."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.rollout_percent >= 1 && var.rollout_percent <= 99
    error_message = "Must be from 1 to 99."
  }
}

variable "rollout_minutes" {
  description = "The minutes between two steps of the roll-out."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.rollout_minutes >= 1 && var.rollout_minutes <= 2100
    error_message = "Must be from 1 to 2100."
  }
}

variable "permissions_boundary" {
  description = "The ARN of an IAM policy that limits every role of the stack (a permissions boundary). docs/deploy-role.yaml creates one. Empty - no boundary, for deployments with your own rights."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^(?:^$|arn:[a-z-]+:iam::([0-9]{12}|aws):policy/[A-Za-z0-9+=,.@_/-]+)$", var.permissions_boundary))
    error_message = "The ARN of an IAM policy, or empty."
  }
}

variable "observe" {
  description = "On - metrics, a dashboard, eleven alarms and saved queries. CloudWatch has ten alarms and three dashboards free in each account, so this costs US$ 0.10 a month even while idle. Off - only the alarm on dead letters. Logs and traces are always on."
  type        = string
  default     = "On"
  nullable    = false

  validation {
    condition     = contains(["On", "Off"], var.observe)
    error_message = "Must be one of On, Off."
  }
}

variable "alarm_email" {
  description = "The e-mail address for alarms. AWS asks it for a confirmation. Empty - subscribe to the topic yourself."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^(?:^$|[^@\\s]+@[^@\\s]+)$", var.alarm_email))
    error_message = "An e-mail address."
  }
}

variable "slow_after_milliseconds" {
  description = "An alarm rings if one picture in a hundred takes longer than this from its upload to its event."
  type        = number
  default     = 60000
  nullable    = false

  validation {
    condition     = var.slow_after_milliseconds >= 1000 && var.slow_after_milliseconds <= 86400000
    error_message = "Must be from 1000 to 86400000."
  }
}

variable "record_retention_days" {
  description = "Days until a picture's record expires, counted from its last upload. 0 - never. The picture is kept."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = var.record_retention_days >= 0 && var.record_retention_days <= 3650
    error_message = "Must be from 0 to 3650."
  }
}

variable "superseded_retention_days" {
  description = "Days that a rendition of a picture's earlier content is kept. S3 counts them from the creation of the rendition. If a rendition is older, S3 removes it within a day or two of the upload that replaced it."
  type        = number
  default     = 7
  nullable    = false

  validation {
    condition     = var.superseded_retention_days >= 1 && var.superseded_retention_days <= 3650
    error_message = "Must be from 1 to 3650."
  }
}

variable "source_version_retention_days" {
  description = "Days that a source's earlier versions are kept. An execution can be redriven for 14 days, and then reads the version that it started with."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.source_version_retention_days >= 1 && var.source_version_retention_days <= 3650
    error_message = "Must be from 1 to 3650."
  }
}

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
  default     = 7
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "Must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653."
  }
}
