# Generated from template.yaml by `make docs`: do not edit.

output "api_url" {
  description = "The API's URL; docs/api.md describes the calls."
  value       = lookup(aws_cloudformation_stack.darkroom.outputs, "ApiUrl", null)
}

output "api_id" {
  description = "The output ApiId of the stack."
  value       = lookup(aws_cloudformation_stack.darkroom.outputs, "ApiId", null)
}

output "api_stage" {
  description = "The output ApiStage of the stack."
  value       = lookup(aws_cloudformation_stack.darkroom.outputs, "ApiStage", null)
}

output "api_key_id" {
  description = "The id of an API key: aws apigateway get-api-key --include-value --api-key ID prints the key itself. Null without the resource: UsesApiKeys."
  value       = lookup(aws_cloudformation_stack.darkroom.outputs, "ApiKeyId", null)
}

output "user_pool_id" {
  description = "The output UserPoolId of the stack. Null without the resource: MakesUserPool."
  value       = lookup(aws_cloudformation_stack.darkroom.outputs, "UserPoolId", null)
}

output "user_pool_client_id" {
  description = "The output UserPoolClientId of the stack. Null without the resource: MakesUserPool."
  value       = lookup(aws_cloudformation_stack.darkroom.outputs, "UserPoolClientId", null)
}

output "intake_queue_url" {
  description = "The queue of waiting uploads. Empty with Intake=direct."
  value       = lookup(aws_cloudformation_stack.darkroom.outputs, "IntakeQueueUrl", null)
}

output "intake_pipe_name" {
  description = "Pauses the intake: aws pipes stop-pipe --name NAME. Null without the resource: QueuesIntake."
  value       = lookup(aws_cloudformation_stack.darkroom.outputs, "IntakePipeName", null)
}

output "images_function_name" {
  description = "The output ImagesFunctionName of the stack."
  value       = lookup(aws_cloudformation_stack.darkroom.outputs, "ImagesFunctionName", null)
}

output "source_bucket_name" {
  description = "Put pictures here."
  value       = lookup(aws_cloudformation_stack.darkroom.outputs, "SourceBucketName", null)
}

output "source_bucket_arn" {
  description = "The output SourceBucketArn of the stack."
  value       = lookup(aws_cloudformation_stack.darkroom.outputs, "SourceBucketArn", null)
}

output "destination_bucket_name" {
  description = "Renditions appear here."
  value       = lookup(aws_cloudformation_stack.darkroom.outputs, "DestinationBucketName", null)
}

output "destination_bucket_arn" {
  description = "The output DestinationBucketArn of the stack."
  value       = lookup(aws_cloudformation_stack.darkroom.outputs, "DestinationBucketArn", null)
}

output "dead_letter_queue_url" {
  description = "Events that could not be delivered."
  value       = lookup(aws_cloudformation_stack.darkroom.outputs, "DeadLetterQueueUrl", null)
}

output "dead_letter_queue_arn" {
  description = "The output DeadLetterQueueArn of the stack."
  value       = lookup(aws_cloudformation_stack.darkroom.outputs, "DeadLetterQueueArn", null)
}

output "alarm_topic_arn" {
  description = "Subscribe the operators on duty to this topic."
  value       = lookup(aws_cloudformation_stack.darkroom.outputs, "AlarmTopicArn", null)
}

output "state_machine_name" {
  description = "One execution per upload."
  value       = lookup(aws_cloudformation_stack.darkroom.outputs, "StateMachineName", null)
}

output "state_machine_arn" {
  description = "The output StateMachineArn of the stack."
  value       = lookup(aws_cloudformation_stack.darkroom.outputs, "StateMachineArn", null)
}

output "state_machine_alias_arn" {
  description = "Start executions by this alias."
  value       = lookup(aws_cloudformation_stack.darkroom.outputs, "StateMachineAliasArn", null)
}

output "validate_function_name" {
  description = "The output ValidateFunctionName of the stack."
  value       = lookup(aws_cloudformation_stack.darkroom.outputs, "ValidateFunctionName", null)
}

output "resize_function_name" {
  description = "The output ResizeFunctionName of the stack."
  value       = lookup(aws_cloudformation_stack.darkroom.outputs, "ResizeFunctionName", null)
}

output "notify_function_name" {
  description = "The output NotifyFunctionName of the stack."
  value       = lookup(aws_cloudformation_stack.darkroom.outputs, "NotifyFunctionName", null)
}

output "event_bus_name" {
  description = "Outcomes are published here."
  value       = lookup(aws_cloudformation_stack.darkroom.outputs, "EventBusName", null)
}

output "event_bus_arn" {
  description = "The output EventBusArn of the stack."
  value       = lookup(aws_cloudformation_stack.darkroom.outputs, "EventBusArn", null)
}

output "record_table_name" {
  description = "One item per picture."
  value       = lookup(aws_cloudformation_stack.darkroom.outputs, "RecordTableName", null)
}

output "record_table_arn" {
  description = "The output RecordTableArn of the stack."
  value       = lookup(aws_cloudformation_stack.darkroom.outputs, "RecordTableArn", null)
}

output "profiles" {
  description = "The profiles in use. Null without the resource: HasProfiles."
  value       = lookup(aws_cloudformation_stack.darkroom.outputs, "Profiles", null)
}

output "delivery_domain" {
  description = "The CDN's domain. Renditions are at https://DOMAIN/KEY. Your own domain must point to it. Null without the resource: HasDelivery."
  value       = lookup(aws_cloudformation_stack.darkroom.outputs, "DeliveryDomain", null)
}

output "distribution_id" {
  description = "The output DistributionId of the stack. Null without the resource: HasDelivery."
  value       = lookup(aws_cloudformation_stack.darkroom.outputs, "DistributionId", null)
}

output "delivery_key_id_a" {
  description = "The key-pair id that signed URLs name. Null without the resource: HasDeliveryKeyA."
  value       = lookup(aws_cloudformation_stack.darkroom.outputs, "DeliveryKeyIdA", null)
}

output "delivery_key_id_b" {
  description = "The key-pair id that signed URLs name. Null without the resource: HasDeliveryKeyB."
  value       = lookup(aws_cloudformation_stack.darkroom.outputs, "DeliveryKeyIdB", null)
}
