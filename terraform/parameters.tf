# Generated from template.yaml by `make docs`: do not edit.

locals {
  # Every parameter except Release, which main.tf sets.
  parameters = {
    DefaultProfile             = var.default_profile
    Profiles                   = var.profiles
    WorkflowType               = var.workflow_type
    Intake                     = var.intake
    Architecture               = var.architecture
    ResizeMemorySize           = tostring(var.resize_memory_size)
    Stage                      = var.stage
    Authorization              = var.authorization
    UserPoolArn                = var.user_pool_arn
    UserPoolClientIds          = var.user_pool_client_ids
    ApiManageKeys              = var.api_manage_keys
    AcceptedTypes              = join(",", var.accepted_types)
    CorsOrigins                = var.cors_origins
    ApiRateLimit               = tostring(var.api_rate_limit)
    ApiBurstLimit              = tostring(var.api_burst_limit)
    ApiManageRateLimit         = tostring(var.api_manage_rate_limit)
    ApiManageBurstLimit        = tostring(var.api_manage_burst_limit)
    ApiMonthlyQuota            = tostring(var.api_monthly_quota)
    ApiLogRole                 = var.api_log_role
    EventBusName               = var.event_bus_name
    Delivery                   = var.delivery
    DeliveryDomainName         = var.delivery_domain_name
    DeliveryCertificateArn     = var.delivery_certificate_arn
    DeliveryPriceClass         = var.delivery_price_class
    DeliveryCacheSeconds       = tostring(var.delivery_cache_seconds)
    DeliveryAllowOrigin        = var.delivery_allow_origin
    DeliveryPublicKeyA         = var.delivery_public_key_a
    DeliveryPublicKeyB         = var.delivery_public_key_b
    Rollout                    = var.rollout
    RolloutPercent             = tostring(var.rollout_percent)
    RolloutMinutes             = tostring(var.rollout_minutes)
    PermissionsBoundary        = var.permissions_boundary
    Observe                    = var.observe
    AlarmEmail                 = var.alarm_email
    SlowAfterMilliseconds      = tostring(var.slow_after_milliseconds)
    RecordRetentionDays        = tostring(var.record_retention_days)
    SupersededRetentionDays    = tostring(var.superseded_retention_days)
    SourceVersionRetentionDays = tostring(var.source_version_retention_days)
    LogRetentionDays           = tostring(var.log_retention_days)
  }
}
