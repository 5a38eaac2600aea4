import { type Calls, call, capitals, member, metric, tagList } from "./call.ts"

export const watching: Calls = {
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": (i) => [
    call("cloudwatch.PutCompositeAlarm", {
      AlarmName: i.alarmName,
      AlarmRule: i.alarmRule,
      AlarmDescription: i.alarmDescription,
      AlarmActions: i.alarmActions,
      OKActions: i.okActions,
      ActionsSuppressor: i.actionsSuppressor?.alarm,
      ActionsSuppressorWaitPeriod: i.actionsSuppressor?.waitPeriod,
      ActionsSuppressorExtensionPeriod: i.actionsSuppressor?.extensionPeriod,
      Tags: tagList(i.tags)
    })
  ],
  "aws:cloudwatch/dashboard:Dashboard": (i) => [
    call("cloudwatch.PutDashboard", { DashboardName: i.dashboardName, DashboardBody: i.dashboardBody })
  ],
  "aws:cloudwatch/eventBus:EventBus": ({ region: _, ...i }, name) => [
    call("events.CreateEventBus", {
      Name: i.name ?? name,
      EventSourceName: i.eventSourceName,
      Description: i.description,
      Tags: tagList(i.tags)
    })
  ],
  "aws:cloudwatch/eventRule:EventRule": (i, name) => [
    call("events.PutRule", {
      Name: name,
      Description: i.description,
      EventBusName: i.eventBusName,
      EventPattern: i.eventPattern,
      ScheduleExpression: i.scheduleExpression,
      Tags: tagList(i.tags)
    })
  ],
  "aws:cloudwatch/eventTarget:EventTarget": (i) => [
    call("events.PutTargets", {
      Rule: i.rule,
      EventBusName: i.eventBusName,
      Targets: [
        {
          Id: i.targetId,
          Arn: i.arn,
          ...member("Input", i.input),
          ...member("RoleArn", i.roleArn),
          ...member("KinesisParameters", capitals(i.kinesisTarget)),
          ...member("RetryPolicy", capitals(i.retryPolicy)),
          ...member("DeadLetterConfig", capitals(i.deadLetterConfig))
        }
      ]
    })
  ],
  "aws:cloudwatch/logGroup:LogGroup": (i, name) => [
    call("logs.CreateLogGroup", { logGroupName: i.name ?? name, tags: i.tags }),
    call("logs.PutRetentionPolicy", { logGroupName: name, retentionInDays: i.retentionInDays })
  ],
  "aws:cloudwatch/metricAlarm:MetricAlarm": (i) => [
    call("cloudwatch.PutMetricAlarm", {
      AlarmName: i.name,
      AlarmDescription: i.alarmDescription,
      AlarmActions: i.alarmActions,
      OKActions: i.okActions,
      ComparisonOperator: i.comparisonOperator,
      Threshold: i.threshold,
      EvaluationPeriods: i.evaluationPeriods,
      DatapointsToAlarm: i.datapointsToAlarm,
      TreatMissingData: i.treatMissingData,
      Namespace: i.namespace,
      MetricName: i.metricName,
      Dimensions: i.dimensions && tagList(i.dimensions, "Name"),
      Period: i.period,
      Statistic: i.statistic,
      ExtendedStatistic: i.extendedStatistic,
      EvaluateLowSampleCountPercentile: i.evaluateLowSampleCountPercentiles,
      Metrics: i.metricQueries?.map(metric),
      Tags: tagList(i.tags)
    })
  ]
}
