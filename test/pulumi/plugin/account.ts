import { existsSync, readFileSync, writeFileSync } from "node:fs"

export type Props = Readonly<Record<string, unknown>>

/** What stands in the account: with what it was made or last updated, and all that AWS says of it. */
export interface Standing {
  readonly type: string
  readonly id: string
  readonly inputs: Props
  readonly outputs: Props
}

/** What AWS says when it refuses. */
export class Refused extends Error {
  override readonly name = "Refused"
}

/** Types whose ids are names that an account has once. */
const UNIQUE = [
  "aws:cloudwatch/eventBus:EventBus",
  "aws:cloudwatch/logGroup:LogGroup",
  "aws:dynamodb/table:Table",
  "aws:iam/role:Role",
  "aws:kinesis/stream:Stream",
  "aws:lambda/function:Function",
  "aws:s3/bucket:Bucket",
  "aws:sfn/stateMachine:StateMachine",
  "aws:sqs/queue:Queue"
]

const throughput = ({ warmThroughput }: Props) => (warmThroughput ?? {}) as Readonly<Record<string, number>>

/** By type: what AWS or the provider does not do to what stands. */
const refusals: Readonly<Record<string, (before: Props, after: Props) => string | false>> = {
  "aws:dynamodb/table:Table": (before, after) => {
    const falls = Object.entries(throughput(before)).some(([unit, value]) => (throughput(after)[unit] ?? 0) < value)
    return falls && "the warm throughput of a table cannot be decreased"
  },
  "aws:kinesis/stream:Stream": ({ shardCount: before }, { shardCount: after }) =>
    (Number(after) > 2 * Number(before) || Number(after) < Number(before) / 2) &&
    `LimitExceededException: UpdateShardCount cannot scale from ${before} to ${after}: at most double, at least half`
}

/** An account of AWS, in a file: the plugin is a new process at every command. */
export const openAccount = (file: string) => {
  const all = new Map<string, Standing>(existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : [])
  const key = (type: string, id: string) => `${type} ${id}`
  const save = (standing: Standing): Standing => {
    all.set(key(standing.type, standing.id), standing)
    writeFileSync(file, JSON.stringify([...all]))
    return standing
  }
  const find = (type: string, id: string) => all.get(key(type, id))
  return {
    all: (): ReadonlyArray<Standing> => [...all.values()],
    find,
    /** Makes one. Where an id is taken, a unique name is refused, and any other gets an id of its own. */
    create: (type: string, inputs: Props, { id, ...outputs }: Props & { readonly id: string }): Standing => {
      const taken = find(type, id) !== undefined
      if (taken && UNIQUE.includes(type))
        throw new Refused(
          type === "aws:dynamodb/table:Table"
            ? `ResourceInUseException: Table already exists: ${id}`
            : `${type} ${id} already exists`
        )
      return save({ type, id: taken ? `${id}-${all.size}` : id, inputs, outputs })
    },
    update: (type: string, id: string, inputs: Props, outputs: Props): Standing => {
      const before = find(type, id)
      if (before === undefined) throw new Refused(`${type} ${id} does not exist`)
      const refusal = refusals[type]?.(before.inputs, inputs)
      if (refusal) throw new Refused(refusal)
      return save({ type, id, inputs, outputs: { ...before.outputs, ...outputs } })
    },
    delete: (type: string, id: string): void => {
      if (find(type, id)?.inputs.deletionProtectionEnabled === true)
        throw new Refused(`ValidationException: ${id} has deletion protection; turn it off first`)
      all.delete(key(type, id))
      writeFileSync(file, JSON.stringify([...all]))
    }
  }
}

export type Account = ReturnType<typeof openAccount>
