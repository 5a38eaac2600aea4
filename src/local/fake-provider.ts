/** The account of everything that is captured. It belongs to nobody. */
export const ACCOUNT = "000000000000"

type Outputs = Readonly<Record<string, unknown>>

/** What AWS adds to the inputs of a resource when it makes it. `id` is the provider's own. */
type Made = Outputs & { readonly id: string }

const arn = (service: string, region: string, rest: string): string => `arn:aws:${service}:${region}:${ACCOUNT}:${rest}`

/** By type: from the physical name, the region and the inputs. Types that are not here get their name as id and nothing else. */
const makers: Readonly<Record<string, (name: string, region: string, inputs: Outputs) => Made>> = {
  "aws:apigateway/restApi:RestApi": (name, region) => ({
    id: name,
    arn: `arn:aws:apigateway:${region}::/restapis/${name}`,
    rootResourceId: `${name}-root`,
    executionArn: arn("execute-api", region, name)
  }),
  "aws:apigateway/stage:Stage": (name, region, { restApi, stageName }) => ({
    id: name,
    arn: `arn:aws:apigateway:${region}::/restapis/${restApi}/stages/${stageName}`,
    invokeUrl: `https://${restApi}.execute-api.${region}.amazonaws.com/${stageName}`
  }),
  "aws:cognito/userPool:UserPool": (name, region) => ({
    id: name,
    name,
    arn: arn("cognito-idp", region, `userpool/${name}`)
  }),
  "aws:cloudwatch/eventBus:EventBus": (name, region) => ({
    id: name,
    name,
    arn: arn("events", region, `event-bus/${name}`)
  }),
  "aws:cloudwatch/eventRule:EventRule": (name, region, { eventBusName = "default" }) => ({
    id: `${eventBusName}/${name}`,
    name,
    arn: arn("events", region, eventBusName === "default" ? `rule/${name}` : `rule/${eventBusName}/${name}`)
  }),
  "aws:cloudwatch/logGroup:LogGroup": (name, region) => ({
    id: name,
    name,
    arn: arn("logs", region, `log-group:${name}`)
  }),
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": (name, region) => ({
    id: name,
    arn: arn("cloudwatch", region, `alarm:${name}`)
  }),
  "aws:cloudwatch/metricAlarm:MetricAlarm": (name, region) => ({
    id: name,
    name,
    arn: arn("cloudwatch", region, `alarm:${name}`)
  }),
  "aws:dynamodb/table:Table": (name, region, { streamEnabled }) => {
    const table = arn("dynamodb", region, `table/${name}`)
    // AWS labels it with the time when it was turned on.
    const stream = streamEnabled === true ? { streamArn: `${table}/stream/1970-01-01T00:00:00.000` } : {}
    return { id: name, name, arn: table, ...stream }
  },
  "aws:iam/policy:Policy": (name) => ({
    id: arn("iam", "", `policy/${name}`),
    name,
    arn: arn("iam", "", `policy/${name}`)
  }),
  "aws:ec2/securityGroup:SecurityGroup": (name, region) => ({
    id: name,
    arn: arn("ec2", region, `security-group/${name}`)
  }),
  "aws:iam/role:Role": (name) => ({ id: name, name, arn: arn("iam", "", `role/${name}`) }),
  "aws:kms/key:Key": (name, region) => ({ id: name, keyId: name, arn: arn("kms", region, `key/${name}`) }),
  "aws:kinesis/stream:Stream": (name, region) => ({ id: name, name, arn: arn("kinesis", region, `stream/${name}`) }),
  "aws:lambda/function:Function": (name, region, inputs) => ({
    id: name,
    name,
    arn: arn("lambda", region, `function:${name}`),
    version: inputs.publish === true ? "1" : "$LATEST"
  }),
  "aws:lambda/alias:Alias": (name, region, { functionName }) => ({
    id: name,
    arn: arn("lambda", region, `function:${functionName}:${name}`)
  }),
  "aws:lambda/eventSourceMapping:EventSourceMapping": (name) => ({ id: name, uuid: name }),
  "aws:ec2/vpcEndpoint:VpcEndpoint": (name) => ({ id: name, prefixListId: `pl-${name}` }),
  "aws:s3/bucket:Bucket": (name) => ({ id: name, bucket: name, arn: `arn:aws:s3:::${name}` }),
  "aws:sfn/stateMachine:StateMachine": (name, region) => {
    const machine = arn("states", region, `stateMachine:${name}`)
    return { id: machine, name, arn: machine }
  },
  "aws:sns/topic:Topic": (name, region) => {
    const topic = arn("sns", region, name)
    return { id: topic, name, arn: topic }
  },
  "aws:sqs/queue:Queue": (name, region) => {
    const url = `https://sqs.${region}.amazonaws.com/${ACCOUNT}/${name}`
    return { id: url, name, url, arn: arn("sqs", region, name) }
  }
}

/** A resource as AWS would have made it: the same answer for the same type, name, region and inputs, and for no other. */
export const make = (type: string, physicalName: string, region: string, inputs: Outputs): Made => {
  const chosen = inputs.name
  const name = typeof chosen === "string" ? chosen : physicalName
  // A resource may be made in another region than the stack's.
  const where = typeof inputs.region === "string" ? inputs.region : region
  return { ...inputs, ...(makers[type]?.(name, where, inputs) ?? { id: name }) }
}
