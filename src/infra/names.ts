import * as pulumi from "@pulumi/pulumi"
import type { Kind } from "./nodes.ts"

/** What AWS allows a name to be: its greatest length, and of what it is made. */
interface Rule {
  readonly most: number
  readonly made: RegExp
  /** Completes "may only have". */
  readonly of: string
  /** The argument that holds a fixed name; absent: `name`. */
  readonly argument?: string
}

const dashes = { made: /^[A-Za-z0-9_-]+$/, of: "letters, digits, - and _" }
const dots = { made: /^[A-Za-z0-9._-]+$/, of: "letters, digits, ., - and _" }

/** By kind, from the pages of AWS's API on each. Kinds without a name of their own are not here. */
export const nameRules: { readonly [K in Kind]?: Rule } = {
  // AWS takes no capitals; the provider makes them small.
  bucket: { most: 63, made: /^[A-Za-z0-9.-]+$/, of: "letters, digits, . and -", argument: "bucket" },
  compositeAlarm: { most: 255, made: /^[\x20-\x7e]+$/, of: "printable characters", argument: "alarmName" },
  dashboard: { most: 255, ...dashes, argument: "dashboardName" },
  eventBus: { most: 256, made: /^[/.\-_A-Za-z0-9]+$/, of: "letters, digits, /, ., - and _" },
  eventRule: { most: 64, ...dots },
  eventTarget: { most: 64, ...dots, argument: "targetId" },
  function: { most: 64, ...dashes },
  functionAlias: { most: 128, ...dashes },
  keyAlias: { most: 256, made: /^alias\/[A-Za-z0-9/_-]+$/, of: "letters, digits, /, - and _" },
  logGroup: { most: 512, made: /^[A-Za-z0-9_\-/.#]+$/, of: "letters, digits, _, -, /, . and #" },
  metricAlarm: { most: 255, made: /^[\x20-\x7e]+$/, of: "printable characters" },
  policy: { most: 128, made: /^[\w+=,.@-]+$/, of: "letters, digits and _+=,.@-" },
  queue: { most: 80, ...dashes },
  role: { most: 64, made: /^[\w+=,.@-]+$/, of: "letters, digits and _+=,.@-" },
  rolePolicy: { most: 128, made: /^[\w+=,.@-]+$/, of: "letters, digits and _+=,.@-" },
  scalingAction: { most: 256, made: /^[\x20-\x7e]+$/, of: "printable characters" },
  securityGroup: { most: 255, made: /^[A-Za-z0-9 ._\-:/()#,@[\]+=&;{}!$*]+$/, of: "letters, digits and spaces" },
  stateMachine: { most: 80, ...dashes },
  stream: { most: 128, ...dots },
  table: { most: 255, ...dots },
  topic: { most: 256, ...dashes }
}

/** How the engine names what has no fixed name, as `pulumi:autonaming` in the configuration says. */
interface Autonaming {
  readonly mode?: string
  readonly pattern?: string
  readonly providers?: Readonly<
    Record<string, Autonaming & { readonly resources?: Readonly<Record<string, Autonaming>> }>
  >
}

/** Without a pattern of the configuration's own: the logical name, and seven digits after it. */
const patternOf = ({ mode, pattern }: Autonaming): string =>
  pattern ?? (mode === "verbatim" ? `\${name}` : `\${name}-\${hex(7)}`)

/** What a resource of that type and logical name would be named, with zeros for what is drawn. */
export const autoName = (type: string, name: string): string => {
  const all: Autonaming = JSON.parse(pulumi.runtime.allConfig()["pulumi:autonaming"] ?? "{}")
  const aws = all.providers?.aws
  const chosen = [aws?.resources?.[type], aws, all].find((one) => one?.pattern !== undefined || one?.mode !== undefined)
  const known: Readonly<Record<string, () => string>> = {
    name: () => name,
    project: pulumi.getProject,
    stack: pulumi.getStack,
    organization: pulumi.getOrganization,
    uuid: () => "0".repeat(36)
  }
  return patternOf(chosen ?? {}).replace(
    /\$\{(\w+)(?:\((\d+)\))?\}/g,
    (whole, what: string, length: string | undefined) =>
      length === undefined ? (known[what]?.() ?? whole) : "0".repeat(Number(length))
  )
}

/** A name that AWS would refuse. */
export interface NameFault {
  readonly kind: Kind
  readonly excess: number
  readonly sentence: string
}

/** What is wrong with the name that a resource of that kind would get; nothing where it fits, or where only AWS knows it. */
export const nameFault = (
  kind: Kind,
  type: string,
  logical: string,
  props: Readonly<Record<string, unknown>>
): NameFault | undefined => {
  const rule = nameRules[kind]
  if (rule === undefined) return undefined
  const fixed = props[rule.argument ?? "name"]
  if (fixed !== undefined && typeof fixed !== "string") return undefined
  const name = fixed ?? autoName(type, logical)
  const excess = name.length - rule.most
  if (excess > 0)
    return {
      kind,
      excess,
      sentence: `${kind} ${logical} would be named ${name}, ${name.length} characters of at most ${rule.most}; use a name of the stack, the project or the component that is ${excess} shorter.`
    }
  return rule.made.test(name)
    ? undefined
    : {
        kind,
        excess: 0,
        sentence: `${kind} ${logical} would be named ${name}, and may only have ${rule.of}; use a name of the stack, the project or the component without others.`
      }
}

/** The gravest fault of each kind: what mends that mends the others. */
export const gravest = (faults: ReadonlyArray<NameFault>): ReadonlyArray<string> => {
  const byKind = new Map<Kind, NameFault>()
  for (const fault of faults) {
    const before = byKind.get(fault.kind)
    if (before === undefined || before.excess < fault.excess) byKind.set(fault.kind, fault)
  }
  return [...byKind.values()].map(({ sentence }) => sentence)
}
