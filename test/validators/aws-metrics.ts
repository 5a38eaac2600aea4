/** Metrics of a service with the dimensions under which it sends them. */
interface Listed {
  /** The page of AWS that lists them, as it was read in November 2026. */
  readonly page: string
  readonly dimensions: Readonly<Record<string, ReadonlyArray<string>>>
}

/** What AWS sends, of the metrics that alarms and charts look at: by namespace, and by the names of the dimensions, sorted. */
export const awsMetrics: Readonly<Record<string, Listed>> = {
  "AWS/ApiGateway": {
    page: "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html",
    dimensions: { "ApiName,Stage": ["5XXError"] }
  },
  "AWS/DynamoDB": {
    page: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html",
    dimensions: {
      TableName: [
        "ConsumedReadCapacityUnits",
        "ConsumedWriteCapacityUnits",
        "ReadThrottleEvents",
        "WriteThrottleEvents"
      ]
    }
  },
  // Of a bus that is not the default one, with both dimensions.
  "AWS/Events": {
    page: "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html",
    dimensions: {
      "EventBusName,RuleName": [
        "FailedInvocations",
        "IngestionToInvocationSuccessLatency",
        "InvocationsFailedToBeSentToDlq",
        "MatchedEvents"
      ]
    }
  },
  "AWS/Kinesis": {
    page: "https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html",
    dimensions: {
      StreamName: ["IncomingRecords", "ReadProvisionedThroughputExceeded", "WriteProvisionedThroughputExceeded"]
    }
  },
  "AWS/Lambda": {
    page: "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html",
    dimensions: {
      // Only of a mapping with metricsConfig.
      EventSourceMappingUUID: ["DroppedEventCount", "OnFailureDestinationDeliveredEventCount"],
      FunctionName: ["DestinationDeliveryFailures", "Duration", "Errors", "Invocations", "IteratorAge", "Throttles"]
    }
  },
  "AWS/Logs": {
    page: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html",
    dimensions: { LogGroupName: ["IncomingBytes"] }
  },
  "AWS/S3": {
    page: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html",
    dimensions: {
      "DestinationBucket,RuleId,SourceBucket": ["OperationsFailedReplication", "ReplicationLatency"]
    }
  },
  "AWS/SQS": {
    page: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html",
    dimensions: {
      QueueName: [
        "ApproximateAgeOfOldestMessage",
        "ApproximateNumberOfMessagesVisible",
        "NumberOfEmptyReceives",
        "NumberOfMessagesDeleted",
        "NumberOfMessagesReceived",
        "NumberOfMessagesSent"
      ]
    }
  },
  "AWS/States": {
    page: "https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html",
    dimensions: { StateMachineArn: ["ExecutionsFailed", "ExecutionsTimedOut"] }
  }
}
