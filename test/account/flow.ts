import { canonical, type Json } from "../../src/domain/json.ts"
import type { StateDocument } from "../../src/wallboard/document.ts"

/** One attempt of the role that has the policy for readers. */
export interface Attempt {
  readonly call: string
  readonly isAllowed: boolean
  /** Absent: the call succeeded. */
  readonly error?: string
}

/** A stack that stands. Lines are envelopes as JSON. */
export interface Deployed {
  readonly send: (lines: ReadonlyArray<string>) => Promise<void>
  /** The envelopes that the event store holds. */
  readonly stored: () => Promise<ReadonlyArray<string>>
  /** Messages in the settle queue. */
  readonly waiting: () => Promise<number>
  readonly state: () => Promise<StateDocument>
  /** Deletes every row of the projections. */
  readonly forget: () => Promise<void>
  /** Replays every generation on the state machine. */
  readonly replay: () => Promise<void>
  /** What the role for readers may and may not do. */
  readonly attempts: () => Promise<ReadonlyArray<Attempt>>
}

/** Everything that touches an account. */
export interface Cloud {
  /** Fails with a sentence where nobody is signed in. */
  readonly account: () => Promise<string>
  readonly up: () => Promise<Readonly<Record<string, unknown>>>
  /** Resources that a second update would change. */
  readonly changes: () => Promise<number>
  readonly open: (outputs: Readonly<Record<string, unknown>>) => Promise<Deployed>
  readonly destroy: () => Promise<void>
  /** Resources that are left. */
  readonly left: () => Promise<number>
}

export interface Means {
  readonly cloud: Cloud
  readonly lines: ReadonlyArray<string>
  /** The rows that events lead to, folded on this machine. */
  readonly fold: (lines: ReadonlyArray<string>) => Promise<StateDocument>
  readonly pause: (ms: number) => Promise<void>
  readonly say: (line: string) => void
  readonly now: () => number
  /** Whether whoever runs the check wants it to end: then only what cleans up is done. */
  readonly isStopped: () => boolean
}

export interface Step {
  readonly name: string
  readonly ok: boolean
  readonly seconds: number
  /** What was found, or why it failed. */
  readonly found: string
}

export interface Checked {
  readonly ok: boolean
  readonly steps: ReadonlyArray<Step>
  /** Whether resources may be left in the account. */
  readonly isLeft: boolean
}

const SETTLED_MS = 300_000
const LOOK_MS = 3_000
/** Looks in a row that see the same. */
const LOOKS = 5

/** What two events of one content have in common: the bus gives each its own id and time. */
const contentOf = (line: string): string => {
  const { "detail-type": topic, detail } = JSON.parse(line) as { "detail-type": Json; detail: Json }
  return canonical([topic, detail])
}

const text = ({ agents, queues }: StateDocument): string => JSON.stringify({ agents, queues })

/** Where two documents part first. */
const difference = (found: string, expected: string): string => {
  let at = 0
  while (at < expected.length && found[at] === expected[at]) at++
  const around = (whole: string) => whole.slice(Math.max(0, at - 60), at + 60)
  return `the rows differ at character ${at}: …${around(found)}… instead of …${around(expected)}…`
}

/**
 * Deploys a stack, sends the events, compares what comes of them with a fold on this machine, replays, tries the rights of readers, and
 * takes the stack down, whatever failed. Never throws: what failed is in the steps.
 */
export const check = async (means: Means): Promise<Checked> => {
  const { cloud, lines, fold, pause, say, now, isStopped } = means
  const steps: Array<Step> = []

  /** Notes how a step ended; undefined where it failed. `work` returns what it found, and a value for what follows. */
  const step = async <A>(name: string, work: () => Promise<readonly [found: string, value: A]>, isCleaning = false) => {
    say(`${name} …`)
    const began = now()
    const note = (ok: boolean, found: string) => {
      const seconds = Math.round((now() - began) / 1_000)
      steps.push({ name, ok, seconds, found })
      say(`  ${ok ? "ok" : "FAILED"} after ${seconds} s: ${found}`)
    }
    try {
      if (isStopped() && !isCleaning) throw new Error("not done: the check was stopped")
      const [found, value] = await work()
      note(true, found)
      return { value }
    } catch (error) {
      note(false, error instanceof Error ? error.message : String(error))
      return undefined
    }
  }

  const settle = async (deployed: Deployed, events: number) => {
    const until = now() + SETTLED_MS
    for (let [last, same] = ["", 0]; same < LOOKS; ) {
      const [stored, waiting, state] = [await deployed.stored(), await deployed.waiting(), text(await deployed.state())]
      same = stored.length >= events && waiting === 0 && state === last ? same + 1 : 0
      last = state
      if (isStopped()) throw new Error("the check was stopped")
      if (now() > until)
        throw new Error(`not settled after ${SETTLED_MS / 1_000} s: ${stored.length} events stored, ${waiting} wait`)
      if (same < LOOKS) await pause(LOOK_MS)
    }
  }

  const compare = async (deployed: Deployed, expected: StateDocument) => {
    const [found, wanted] = [text(await deployed.state()), text(expected)]
    if (found !== wanted) throw new Error(difference(found, wanted))
    return [`${expected.agents.length} agents and ${expected.queues.length} queues, byte for byte`, undefined] as const
  }

  const examine = async (deployed: Deployed) => {
    const sent = await step("send the events", async () => {
      await deployed.send(lines)
      return [`${lines.length} events accepted by the bus`, true]
    })
    const settled = sent && (await step("settle", async () => [await settledIn(deployed), true]))
    const folded =
      settled &&
      (await step("compare what is stored", async () => {
        const stored = await deployed.stored()
        const [was, is] = [lines, stored].map((all) => all.map(contentOf).sort())
        if (JSON.stringify(was) !== JSON.stringify(is))
          throw new Error(
            `${stored.length} events are stored, and not the ${lines.length} that were sent, as they were sent`
          )
        return [`${stored.length} events, as they were sent`, await fold(stored)]
      }))
    if (folded) {
      await step("compare the rows with a local fold", () => compare(deployed, folded.value))
      const replayed = await step("replay into empty tables", async () => {
        await deployed.forget()
        if ((await deployed.state()).agents.length > 0) throw new Error("rows are left that were to be deleted")
        await deployed.replay()
        return ["by the state machine, every generation", true]
      })
      if (replayed) await step("compare the replayed rows", () => compare(deployed, folded.value))
    }
    await step("try the rights of readers", async () => {
      const attempts = await deployed.attempts()
      const wrong = attempts.filter(({ isAllowed, error }) => isAllowed !== (error === undefined))
      if (wrong.length > 0 || attempts.length === 0)
        throw new Error(
          wrong.map(({ call, error }) => `${call}: ${error ?? "succeeded"}`).join("; ") || "nothing was tried"
        )
      const allowed = attempts.filter(({ isAllowed }) => isAllowed).length
      return [`${allowed} calls succeeded, ${attempts.length - allowed} were refused, as they should`, true]
    })
  }

  const settledIn = async (deployed: Deployed) => {
    await settle(deployed, lines.length)
    return "the tables stand still and the queue is empty"
  }

  const signedIn = await step("sign in", async () => [`account ${await cloud.account()}`, true])
  if (signedIn === undefined) return { ok: false, steps, isLeft: false }
  const up = await step("deploy", async () => {
    const outputs = await cloud.up()
    return [`${Object.keys(outputs).length} outputs`, outputs]
  })
  if (up) {
    await step("update again", async () => {
      const changes = await cloud.changes()
      if (changes !== 0) throw new Error(`a second update would change ${changes} resources`)
      return ["nothing to change", true]
    })
    const opened = await step("open the stack", async () => ["clients made", await cloud.open(up.value)])
    if (opened) await examine(opened.value)
  }
  const takeDown = async () => {
    await cloud.destroy()
    const left = await cloud.left()
    if (left > 0) throw new Error(`${left} resources are left`)
    return ["nothing is left", true] as const
  }
  const destroyed = await step("take the stack down", takeDown, true)
  return { ok: steps.every(({ ok }) => ok), steps, isLeft: destroyed === undefined }
}
