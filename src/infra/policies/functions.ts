import { each, ofType, type Resource, type Rule, record, texts, types } from "./rule.ts"

const runtimes = ["nodejs24.x"]

/** Taggable types. A type that is not here is one that AWS cannot tag, or that no stack of ours has. */
const taggable = new Set<string>([
  types.alarm,
  types.bucket,
  types.bus,
  types.function,
  types.incident,
  types.key,
  types.logGroup,
  types.machine,
  types.mapping,
  types.queue,
  types.role,
  types.stream,
  types.table,
  types.topic,
  "aws:apigateway/restApi:RestApi",
  "aws:apigateway/stage:Stage",
  "aws:appautoscaling/target:Target",
  "aws:cloudwatch/eventRule:EventRule",
  "aws:ec2/securityGroup:SecurityGroup",
  "aws:ec2/vpcEndpoint:VpcEndpoint",
  "aws:iam/policy:Policy"
])

const secretName = /SECRET|PASSWORD|PASSWD|TOKEN|CREDENTIAL|PRIVATE|API_?KEY|ACCESS_?KEY/i

/** Access keys of AWS, private keys, and passwords in addresses. */
const secretValue = /\b(AKIA|ASIA)[A-Z0-9]{16}\b|-----BEGIN|:\/\/[^/\s:@]+:[^/\s:@]+@/

export const functionRules: ReadonlyArray<Rule> = [
  {
    name: "function-runtime",
    says: "Functions run on a runtime that AWS keeps up to date, on arm64.",
    check: (stack) =>
      each(
        ofType(stack, types.function),
        ({ props }) =>
          !(runtimes.includes(String(props.runtime)) && texts(props.architectures).join() === "arm64") &&
          `runs ${props.runtime} on ${texts(props.architectures).join() || "x86_64"}`
      )
  },
  {
    name: "function-own-log",
    says: "Every function logs into a group of its own that this stack makes.",
    check: (stack) => {
      const groups = ofType(stack, types.logGroup).map(({ props }) => props.name)
      const functions = ofType(stack, types.function)
      const logOf = (props: Readonly<Record<string, unknown>>) => record(props.loggingConfig).logGroup
      return each(functions, (fn) => {
        const log = logOf(fn.props)
        if (!groups.includes(log)) return "Lambda makes a log group for it that keeps its lines for ever"
        return functions.some((other) => other !== fn && logOf(other.props) === log) && "shares its log"
      })
    }
  },
  {
    name: "machine-log",
    says: "Every state machine logs its failures into a group that this stack makes, without what it works on.",
    check: (stack) => {
      const groups = ofType(stack, types.logGroup).map(({ props }) => `${props.arn}:*`)
      return each(ofType(stack, types.machine), ({ props }) => {
        const { level, includeExecutionData, logDestination } = record(props.loggingConfiguration)
        if (!groups.includes(String(logDestination)) || level === "OFF" || level === undefined) return "logs nothing"
        return includeExecutionData !== false && "logs what it works on"
      })
    }
  },
  {
    name: "machines-watched",
    says: "Somebody is told when an execution of a state machine fails.",
    check: (stack) => {
      const dimensionsOf = (props: Readonly<Record<string, unknown>>) => [
        record(props.dimensions),
        ...[props.metricQueries].flat().map((query) => record(record(record(query).metric).dimensions))
      ]
      const watched = new Set(
        ofType(stack, types.alarm).flatMap(({ props }) =>
          dimensionsOf(props).map(({ StateMachineArn }) => StateMachineArn)
        )
      )
      return each(ofType(stack, types.machine), ({ props }) => !watched.has(props.arn) && "no alarm looks at it")
    }
  },
  {
    name: "no-secrets",
    says: "No secret stands in the environment of a function.",
    check: (stack) =>
      each(ofType(stack, types.function), ({ props }) => {
        const found = Object.entries(record(record(props.environment).variables)).filter(
          ([name, value]) => secretName.test(name) || secretValue.test(String(value))
        )
        return found.length > 0 && `has ${found.map(([name]) => name).join(", ")}`
      })
  },
  {
    name: "functions-watched",
    says: "Somebody is told when a function fails.",
    check: (stack) => {
      const watched = new Set(
        ofType(stack, types.alarm)
          .filter(({ props }) => props.metricName === "Errors")
          .map(({ props }) => record(props.dimensions).FunctionName)
      )
      return each(
        ofType(stack, types.function),
        ({ props }) => !watched.has(props.name) && "no alarm looks at its errors"
      )
    }
  },
  {
    name: "alarms-act",
    says: "Every alarm, or an incident that it is part of, tells a topic of this stack that it has begun and that it is over.",
    check: (stack) => {
      const topics = ofType(stack, types.topic).map(({ props }) => props.arn)
      const reaches = (actions: unknown) => texts(actions).some((action) => topics.includes(action))
      const tells = ({ props }: Resource) =>
        reaches(props.alarmActions) && reaches(props.okActions) && props.actionsEnabled !== false
      const rules = ofType(stack, types.incident)
        .filter(tells)
        .map(({ props }) => String(props.alarmRule))
      const silent = (alarm: Resource) =>
        !tells(alarm) && !rules.some((rule) => rule.includes(`ALARM("${alarm.props.name}")`)) && "tells nobody"
      return [
        ...each(ofType(stack, types.alarm), silent),
        ...each(ofType(stack, types.incident), (incident) => !tells(incident) && "tells nobody")
      ]
    }
  },
  {
    name: "tagged",
    says: "Everything that can carry tags says which project and stack it belongs to.",
    check: (stack) =>
      each(
        stack.resources.filter(({ type }) => taggable.has(type)),
        ({ props }) => {
          const { Project, Stack } = record(props.tags)
          return !(typeof Project === "string" && typeof Stack === "string") && "has no Project and Stack"
        }
      )
  }
]
