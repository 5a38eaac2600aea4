/** A bus as `aws.cloudwatch.EventBus` describes it. With `eventSourceName` it belongs to a partner. */
export interface BusSettings {
  readonly name: string
  readonly arn: string
  readonly eventSourceName?: string
}

/** A rule as `aws.cloudwatch.EventRule` describes it. */
export interface RuleSettings {
  readonly name: string
  readonly arn: string
  /** Name or ARN. */
  readonly eventBusName: string
  /** JSON. */
  readonly eventPattern: string
  readonly state?: string
}
