import { type Exceptions, each, ofType, type Resource, type Rule, record, type Stack, texts, types } from "./rule.ts"
import { type PolicyStatement, statementsOf, trustOf } from "./statements.ts"

/** Actions that are granted on everything, because AWS lets nobody name what they touch. */
const nameless: Readonly<Record<string, string>> = {
  "dynamodb:ListStreams": "it has no resource level",
  "ec2:AssignPrivateIpAddresses": "network interfaces of a function are made by Lambda, later",
  "ec2:CreateNetworkInterface": "network interfaces of a function are made by Lambda, later",
  "ec2:DeleteNetworkInterface": "network interfaces of a function are made by Lambda, later",
  "ec2:DescribeNetworkInterfaces": "it has no resource level",
  "ec2:DescribeSubnets": "it has no resource level",
  "ec2:UnassignPrivateIpAddresses": "network interfaces of a function are made by Lambda, later",
  ...Object.fromEntries(
    [
      "logs:CreateLogDelivery",
      "logs:DeleteLogDelivery",
      "logs:DescribeLogGroups",
      "logs:DescribeResourcePolicies",
      "logs:GetLogDelivery",
      "logs:ListLogDeliveries",
      "logs:PutResourcePolicy",
      "logs:UpdateLogDelivery"
    ].map((action) => [action, "deliveries of logs have no resource level"])
  ),
  "xray:PutTelemetryRecords": "it has no resource level",
  "xray:PutTraceSegments": "it has no resource level"
}

/** Roles of people, who name themselves in the configuration. */
const ofPeople: Exceptions = { "eraser-role": "people who erase a person take it, and no service can" }

/** What overwrites or deletes an item. */
const OVERWRITING = new Set(
  ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "PartiQLUpdate", "PartiQLDelete"].map(
    (action) => `dynamodb:${action}`
  )
)

/** A named role or user of an account, and neither the whole account nor everybody. */
const NAMED = /^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/[^*?]+$/

/** By logical name: what a component's own name begins with says which of several it is. */
const isOfPeople = ({ name }: Resource): boolean =>
  Object.keys(ofPeople).some((one) => name === one || name.endsWith(`-${one}`))

/** In the policy of a key, an endpoint or a bus `*` is that resource itself. */
const itself = new Set<string>([types.key, "aws:ec2/vpcEndpoint:VpcEndpoint"])

/** Services that name no resource for which they take a role, and why that is safe. */
const takesUnnamed: Exceptions = {
  "lambda.amazonaws.com": "Lambda makes the environment of a function before it can name it",
  "s3.amazonaws.com": "S3 names no bucket when it copies; who gives one the role must be allowed to pass it"
}

/** Services that act for a resource, which they can name. */
const actsFor = (service: string): boolean => service !== "lambda.amazonaws.com"

const allowed = (resource: Resource): ReadonlyArray<PolicyStatement> =>
  statementsOf(resource).filter(({ effect }) => effect === "Allow")

/** What a stack may reach without having made it. */
const given: ReadonlyArray<{ readonly arn: RegExp; readonly because: string }> = [
  { arn: /^arn:aws:ec2:[^:]+:\d+:subnet\/subnet-\w+$/, because: "subnets are given by configuration" },
  {
    arn: /^arn:aws:secretsmanager:[a-z0-9-]+:\d+:secret:[^*?]+(\?{6})?$/,
    because: "the secret is given by configuration; six letters at its end are AWS's own"
  },
  { arn: /^arn:aws:ec2:[^:]+:\d+:(network-interface|\*)\/\*$/, because: "Lambda makes network interfaces, later" }
]

/** The bucket of another account into which a bucket is copied, and the key there. */
const copiedTo = ({ props }: Resource): ReadonlyArray<string> =>
  [props.rules].flat().flatMap((rule) => {
    const destination = record(record(rule).destination)
    return texts([destination.bucket, record(destination.encryptionConfiguration).replicaKmsKeyId])
  })

/** What is inside a bucket, a table or a log group is part of it. */
const belongsTo = (granted: string, own: string): boolean =>
  granted === own || granted.startsWith(`${own}/`) || granted === `${own}:*` || granted === executionsOf(own)

/** Executions have another word in their ARN than the state machine that they are of. */
const executionsOf = (machine: string): string => `${machine.replace(":stateMachine:", ":execution:")}:*`

/** EventBridge says neither when it uses a key: a condition on them refuses all that it does. */
const sourcelessBus = ({ services, conditions }: PolicyStatement): boolean =>
  !services.includes("events.amazonaws.com") ||
  (conditions["aws:sourcearn"] === undefined && conditions["aws:sourceaccount"] === undefined)

const namesItsSource = (
  { services, conditions }: PolicyStatement,
  acts: (service: string) => boolean = actsFor
): boolean =>
  services.filter(acts).length === 0 ||
  ((conditions["aws:sourcearn"] ?? []).length > 0 && (conditions["aws:sourceaccount"] ?? []).length > 0)

/** Everything that has a policy, or says who may assume it. */
const withPolicies = ({ resources }: Stack): ReadonlyArray<Resource> =>
  resources.filter(({ props }) => typeof props.policy === "string")

export const accessRules: ReadonlyArray<Rule> = [
  {
    name: "actions-named",
    says: "What is allowed is named action by action.",
    check: (stack) =>
      each(withPolicies(stack), (resource) => {
        const wild = allowed(resource).flatMap(({ actions }) => actions.filter((action) => action.includes("*")))
        return wild.length > 0 && `allows ${wild.join(", ")}`
      })
  },
  {
    name: "resources-named",
    says: "What is allowed is allowed on named resources, apart from actions that have none.",
    check: (stack) =>
      each(
        withPolicies(stack).filter(({ type }) => !itself.has(type)),
        (resource) => {
          const wild = allowed(resource)
            .filter(({ resources }) => resources.includes("*"))
            .flatMap(({ actions }) => actions.filter((action) => !Object.hasOwn(nameless, action)))
          return wild.length > 0 && `allows ${wild.join(", ")} on everything`
        }
      )
  },
  {
    name: "own-resources",
    says: "Every right is on something that this stack makes, or that it copies the archive to.",
    check: (stack) => {
      const own = [
        // Requests to an API have an ARN of their own.
        ...stack.resources.flatMap(({ props }) => texts([props.arn, props.executionArn])),
        ...ofType(stack, types.bucketReplication).flatMap(copiedTo)
      ]
      return each(withPolicies(stack), (resource) => {
        const foreign = allowed(resource)
          .flatMap(({ resources }) => resources)
          .filter(
            (arn) => arn !== "*" && !own.some((one) => belongsTo(arn, one)) && !given.some((one) => one.arn.test(arn))
          )
        return foreign.length > 0 && `reaches ${foreign.join(", ")}`
      })
    }
  },
  {
    name: "one-service-trusted",
    says: "A role can be assumed by one service and nobody else.",
    check: (stack) =>
      each(
        ofType(stack, types.role).filter((role) => !isOfPeople(role)),
        (role) => {
          const trust = trustOf(role)
          const services = trust.flatMap((statement) => statement.services)
          const others = trust.flatMap((statement) => statement.others)
          return (
            !(trust.length === 1 && services.length === 1 && others.length === 0) &&
            `trusts ${[...services, ...others].join(", ") || "nobody"}`
          )
        }
      )
  },
  {
    name: "people-named",
    says: "A role of people can be assumed by named roles and users, and by no service.",
    check: (stack) =>
      each(ofType(stack, types.role).filter(isOfPeople), (role) => {
        const trust = trustOf(role)
        const [services, others] = [trust.flatMap((one) => one.services), trust.flatMap((one) => one.others)]
        const wrong = [...services, ...others.filter((arn) => !NAMED.test(arn))]
        return (wrong.length > 0 || others.length === 0) && `trusts ${wrong.join(", ") || "nobody"}`
      })
  },
  {
    name: "events-immutable",
    says: "Nobody but people who erase a person can overwrite or delete an event.",
    check: (stack) => {
      const events = ofType(stack, types.table).filter(({ name }) => /(^|-)events$/.test(name))
      const arns = events.map(({ props }) => String(props.arn))
      return each(
        withPolicies(stack).filter(({ name }) => !/(^|-)eraser-policy$/.test(name)),
        (resource) => {
          const found = allowed(resource)
            .filter(({ resources }) => resources.some((arn) => arn === "*" || arns.includes(arn)))
            .flatMap(({ actions }) => actions.filter((action) => OVERWRITING.has(action)))
          return found.length > 0 && `can ${found.join(", ")} in the event store`
        }
      )
    }
  },
  {
    name: "own-role",
    says: "No two functions, targets or state machines share a role.",
    check: (stack) => {
      const users = ofType(stack, types.function, types.target, types.machine)
      const roleOf = ({ props }: Resource) => props.role ?? props.roleArn
      return each(users, (user) => {
        const sharing = users.filter((other) => other !== user && roleOf(user) && roleOf(other) === roleOf(user))
        return sharing.length > 0 && `shares its role with ${sharing.map(({ name }) => name).join(", ")}`
      })
    }
  },
  {
    name: "sources-named",
    says: "A service that is let in names the resource and the account that it acts for.",
    check: (stack) => [
      ...each(withPolicies(stack), (resource) =>
        allowed(resource)
          .filter((statement) => resource.type !== types.key || !statement.services.includes("events.amazonaws.com"))
          .every((statement) => namesItsSource(statement))
          ? undefined
          : "a service may act for anybody's resource"
      ),
      ...each(ofType(stack, types.role), (role) =>
        trustOf(role).every((one) => namesItsSource(one, (service) => !Object.hasOwn(takesUnnamed, service)))
          ? undefined
          : "the service may assume it for anybody's resource"
      ),
      ...each(
        ofType(stack, types.permission),
        ({ props }) => !(props.sourceArn && props.sourceAccount) && "a service may invoke it for anybody's resource"
      )
    ]
  },
  {
    name: "bus-may-use-key",
    says: "A key lets EventBridge in without a condition on its source, which EventBridge does not name.",
    check: (stack) =>
      each(
        ofType(stack, types.key),
        (key) => !allowed(key).every(sourcelessBus) && "refuses the dead letters of a rule, and nobody is told"
      )
  },
  {
    name: "nobody-anonymous",
    says: "No policy lets everybody in.",
    check: (stack) =>
      each(
        // The policy of an endpoint narrows what the network lets through; who may call is for the roles to say.
        withPolicies(stack).filter(({ type }) => type !== "aws:ec2/vpcEndpoint:VpcEndpoint"),
        (resource) => allowed(resource).some(({ others }) => others.includes("*")) && "lets everybody in"
      )
  }
]
