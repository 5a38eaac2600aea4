/** What the state machine of a replay is made of. */
export interface ReplayMachine {
  /** ARN of the function that works on one segment. */
  readonly fn: string
  /** Seconds after which Lambda ends an invocation. */
  readonly timeoutSeconds: number
  /** Segments that are worked on at once. */
  readonly concurrency: number
}

/** What Lambda itself says when it could not run a function, or not to its end. Nothing is lost by asking again. */
const LAMBDA_FAULTS = [
  "Lambda.ServiceException",
  "Lambda.AWSLambdaException",
  "Lambda.SdkClientException",
  "Lambda.TooManyRequestsException"
]

/** Seconds beyond the limit of an invocation before its answer is taken for lost. */
const GRACE_SECONDS = 15

/**
 * The definition of the state machine, as Amazon States Language. Its input is `{ replayId, segments: [0, 1, ...] }`, its result adds
 * `done`: by segment, whether all of it is folded (`false`: stopped by a budget or by an operator, to be resumed). It fails when an
 * event is refused or a function keeps failing; what was done until then stays done, for a segment has a checkpoint each minute.
 */
export const replayDefinition = ({ fn, timeoutSeconds, concurrency }: ReplayMachine) => ({
  Comment: "Folds the event store into one generation, segment by segment",
  StartAt: "Segments",
  States: {
    Segments: {
      Type: "Map",
      Label: "segments",
      ItemsPath: "$.segments",
      ItemSelector: { "replayId.$": "$.replayId", "segment.$": "$$.Map.Item.Value" },
      MaxConcurrency: concurrency,
      // One segment that cannot be folded is a projection with a hole.
      ToleratedFailurePercentage: 0,
      // Children of their own kind, for one execution keeps a history of 25,000 entries and no more.
      ItemProcessor: {
        ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
        StartAt: "Fold",
        States: segmentStates(fn, timeoutSeconds)
      },
      ResultPath: "$.done",
      End: true
    }
  }
})

const segmentStates = (fn: string, timeoutSeconds: number) => ({
  Fold: {
    Type: "Task",
    Resource: "arn:aws:states:::lambda:invoke",
    Parameters: { FunctionName: fn, Payload: { "replayId.$": "$.replayId", "segment.$": "$.segment" } },
    ResultSelector: { "answer.$": "$.Payload" },
    ResultPath: "$.last",
    TimeoutSeconds: timeoutSeconds + GRACE_SECONDS,
    Retry: [
      {
        ErrorEquals: LAMBDA_FAULTS,
        IntervalSeconds: 1,
        BackoffRate: 2,
        MaxDelaySeconds: 60,
        MaxAttempts: 10,
        JitterStrategy: "FULL"
      },
      // A crash, a time-out, or a store that keeps refusing: it goes on at the last checkpoint.
      {
        ErrorEquals: ["States.TaskFailed", "States.Timeout"],
        IntervalSeconds: 5,
        BackoffRate: 2,
        MaxDelaySeconds: 120,
        MaxAttempts: 5,
        JitterStrategy: "FULL"
      }
    ],
    Next: "Judge"
  },
  Judge: {
    Type: "Choice",
    Choices: [
      { Variable: "$.last.answer.refused", IsPresent: true, Next: "Refused" },
      { Variable: "$.last.answer.done", BooleanEquals: true, Next: "Over" },
      { Variable: "$.last.answer.stopped", IsPresent: true, Next: "Over" }
    ],
    Default: "Pause"
  },
  Pause: { Type: "Wait", Seconds: 1, Next: "Fold" },
  Refused: { Type: "Fail", Error: "ReplayRefused", CausePath: "$.last.answer.refused" },
  // No more than that: the result of a thousand segments must stay below 256 KB. Their counts are in the checkpoints.
  Over: { Type: "Succeed", OutputPath: "$.last.answer.done" }
})
