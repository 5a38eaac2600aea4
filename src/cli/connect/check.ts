import { Effect, Result } from "effect"
import { PartnerSources } from "../../store/partner-sources.ts"
import { present } from "../report.ts"
import { CliExit, EXIT, printable, Screen, table } from "../screen.ts"
import { onStack } from "../stack/stack.ts"
import { StackSettings } from "../stack/stack-settings.ts"
import { type Found, findAll } from "./find.ts"
import { type Plan, planOf } from "./plan.ts"
import { documentOf } from "./text.ts"
import type { Wanted } from "./wanted.ts"

/** One comparison. `topics`: those that it is about. `fix`: what to do where it differs. */
interface Finding {
  readonly what: string
  readonly is: string
  readonly topics?: ReadonlyArray<string>
  readonly fix?: string
}

const CONNECT = ({ stack }: Wanted): string => `npx projections connect --stack ${stack} --yes`
const DEPLOY = ({ stack }: Wanted): string => `npx pulumi up --stack ${stack}`

const agrees = (what: string, is: string): Finding => ({ what, is })
const differs = (what: string, is: string, fix: string): Finding => ({ what, is, fix })

/** A difference of topics; nothing where there are none. */
const differing = (what: string, is: string, topics: ReadonlyArray<string>, fix: string): ReadonlyArray<Finding> =>
  topics.length === 0 ? [] : [{ what, is: `${is} ${topics.length}`, topics, fix }]

const integrationFinding = ({ wanted, found: { known } }: Plan): Finding => {
  if (known === undefined) return differs("integration", "there is none", CONNECT(wanted))
  const { name, state, enabled, detail } = known.integration
  if (!enabled) return differs("integration", `${name} is disabled`, CONNECT(wanted))
  return state === "ACTIVE"
    ? agrees("integration", `${name} is ACTIVE`)
    : differs("integration", `${name} is ${state}: ${detail}`, CONNECT(wanted))
}

/** The topics that the integration sends, against those of the stack that can go to EventBridge. */
const topicFindings = ({ wanted, found, topics, added, removed }: Plan): ReadonlyArray<Finding> => {
  if (found.known === undefined) return []
  const wrong = [
    ...differing("sent topics", "lacks", added, CONNECT(wanted)),
    ...differing("sent topics", "has besides", removed, CONNECT(wanted))
  ]
  return wrong.length > 0 ? wrong : [agrees("sent topics", `${topics.length}, as the stack asks for`)]
}

/** A topic that the organisation does not send is no difference: nobody can put it right. */
const leftOutFindings = ({ leftOut }: Plan): ReadonlyArray<Finding> =>
  leftOut.length === 0
    ? []
    : [
        {
          ...agrees("left out", `${leftOut.length}, which this organisation does not send to EventBridge`),
          topics: leftOut
        }
      ]

const settingFinding = ({ wanted, values }: Plan): Finding =>
  Object.keys(values).length === 0
    ? agrees("settings", "genesysEventSource and genesysRegion name it")
    : differs("settings", `${Object.keys(values).join(" and ")} of the stack differ`, CONNECT(wanted))

const sourceFinding = (wanted: Wanted, { source, sourceName }: Found): Finding => {
  if (source === undefined) return differs("event source", `AWS lists no ${sourceName}`, CONNECT(wanted))
  if (source.state === "ACTIVE") return agrees("event source", "ACTIVE")
  return source.state === "PENDING"
    ? differs("event source", "PENDING: no bus belongs to it, and AWS drops its events", DEPLOY(wanted))
    : differs("event source", `${source.state}: Genesys took it away`, CONNECT(wanted))
}

const isTexts = (value: unknown): value is ReadonlyArray<string> =>
  Array.isArray(value) && value.every((one) => typeof one === "string")

/** What a rule lets through. */
const patternOf = (text: string) => {
  const parsed = Result.try(() => JSON.parse(text) as { readonly source?: unknown; readonly "detail-type"?: unknown })
  if (Result.isFailure(parsed)) return undefined
  const { source, "detail-type": topics } = parsed.success
  return isTexts(source) && isTexts(topics) ? { source, topics } : undefined
}

const without = (all: ReadonlyArray<string>, some: ReadonlyArray<string>) => all.filter((one) => !some.includes(one))

const ruleFindings = (wanted: Wanted, sourceName: string, pattern: string): ReadonlyArray<Finding> => {
  const taken = patternOf(pattern)
  if (taken === undefined || !taken.source.includes(sourceName))
    return [differs("rule", "it lets through another source", DEPLOY(wanted))]
  const wrong = [
    ...differing("rule", "lacks", without(wanted.topics, taken.topics), DEPLOY(wanted)),
    ...differing("rule", "has besides", without(taken.topics, wanted.topics), DEPLOY(wanted))
  ]
  return wrong.length > 0 ? wrong : [agrees("rule", `${taken.topics.length} topics, as configured`)]
}

/** The bus and the rule of the deployed stack. */
const stackFindings = Effect.fnUntraced(function* (wanted: Wanted, { sourceName }: Found) {
  const { isDeployed } = yield* StackSettings
  if (!(yield* isDeployed(wanted.stack))) return [differs("stack", "it is not deployed yet", DEPLOY(wanted))]
  return yield* onStack(
    Effect.fnUntraced(function* ({ outputs: { busName, ruleName } }) {
      const aws = yield* PartnerSources
      if (!(yield* aws.hasBus(sourceName))) return [differs("bus", `there is none for ${sourceName}`, DEPLOY(wanted))]
      const rule = yield* aws.rule(busName, ruleName)
      if (rule === undefined) return [differs("rule", "there is none", `${DEPLOY(wanted)} --refresh`)]
      if (!rule.enabled) return [differs("rule", "it is disabled", `${DEPLOY(wanted)} --refresh`)]
      return [agrees("bus", "it belongs to the event source"), ...ruleFindings(wanted, sourceName, rule.pattern)]
    })
  )
})

/** The topics that findings are about, one on a line. */
const topicLines = (findings: ReadonlyArray<Finding>): ReadonlyArray<string> =>
  findings.flatMap(({ what, is, topics = [] }) =>
    topics.length === 0 ? [] : ["", `${what}: ${is}`, ...topics.map((topic) => `   ${printable(topic)}`)]
  )

/** Compares what the stack asks for with the integration, the event source, the bus and the rule. Changes nothing. */
export const check = Effect.fnUntraced(function* (wanted: Wanted) {
  const { outputIsTerminal } = yield* Screen
  const found = yield* findAll(wanted)
  const plan = planOf(wanted, found)
  const findings = [
    integrationFinding(plan),
    ...topicFindings(plan),
    ...leftOutFindings(plan),
    settingFinding(plan),
    sourceFinding(wanted, found),
    ...(yield* stackFindings(wanted, found))
  ]
  const wrong = findings.filter(({ fix }) => fix !== undefined)
  const rows = findings.map(({ what, is, fix }) => [what, is, fix ?? "-"])
  const { steps: _, ...document } = documentOf(plan)
  return yield* present({
    document: { ...document, findings },
    lines: [table(["WHAT", "IS", "DO"], rows, outputIsTerminal), ...topicLines(findings)],
    end:
      wrong.length === 0
        ? undefined
        : new CliExit({
            code: EXIT.differs,
            message: `${wrong.length} of ${findings.length} differ: the column DO says what to do`
          })
  })
})
