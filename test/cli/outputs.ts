/** Outputs of a deployed stack, as far as the operator's command knows them. Each test adds what it is about. */
export const someOutputs = {
  quarantineBucketName: "held",
  failuresBucketName: "failures",
  overflowBucketName: "overflow",
  eventTableName: "events",
  controlTableName: "control",
  directoryTableName: "directory",
  ruleDlqUrl: "https://sqs.eu-west-1.amazonaws.com/444455556666/feed-dlq",
  settleDlqUrl: "https://sqs.eu-west-1.amazonaws.com/444455556666/settle-dlq",
  projectionsLeftOut: [],
  settleWindowSeconds: 5,
  skewBoundSeconds: 300,
  replayLimits: { segments: 4, eventsPerSecond: 1_000 },
  replayStateMachineArn: "arn:aws:states:eu-west-1:444455556666:stateMachine:replay",
  busName: "bus",
  busArn: "arn:aws:events:eu-west-1:444455556666:event-bus/bus",
  ruleName: "feed-rule",
  eventSource: "genesys.simulator",
  reconcileFunctionName: "",
  streamName: "stream",
  streamArn: "arn:aws:kinesis:eu-west-1:444455556666:stream/stream",
  settleQueueUrl: "https://sqs.eu-west-1.amazonaws.com/444455556666/settle"
}
