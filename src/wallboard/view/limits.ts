/** From so many seconds on something lasts long, and from so many on too long. */
export type Limits = readonly [long: number, tooLong: number]

/** Limits of a wait, and of the time in a state by the state's name. */
export interface QueueThresholds {
  readonly waiting?: Limits
  readonly states?: { readonly [state: string]: Limits }
}

export interface Thresholds extends Required<QueueThresholds> {
  /** Those of queues that are judged otherwise, by id or by name. */
  readonly queues: { readonly [queue: string]: QueueThresholds }
}

/** What deserves a look, and what needs help, unless somebody says otherwise. */
export const defaultThresholds: Thresholds = {
  waiting: [30, 120],
  states: {
    "Not Responding": [15, 60],
    Interacting: [900, 1_800],
    Communicating: [900, 1_800],
    Break: [900, 1_800],
    Meal: [2_700, 3_600],
    Meeting: [3_600, 7_200],
    Training: [7_200, 14_400]
  },
  queues: {}
}

/** 0 is as it should be, 1 long, 2 too long. */
export type Level = 0 | 1 | 2

/** What is said of a level, and how it looks: never the one without the other. */
export const LEVELS = [
  { word: "", tone: "" },
  { word: "long", tone: "warn" },
  { word: "too long", tone: "bad" }
] as const

const own = <A>(record: { readonly [key: string]: A } | undefined, key: string | undefined): A | undefined =>
  record !== undefined && key !== undefined && Object.hasOwn(record, key) ? record[key] : undefined

const ofQueue = ({ queues }: Thresholds, queueId: string | undefined, name: string | undefined) =>
  own(queues, queueId) ?? own(queues, name)

export const waitLimits = (all: Thresholds, queueId: string, name: string | undefined): Limits =>
  ofQueue(all, queueId, name)?.waiting ?? all.waiting

/** Those of the queue that the agent works for, and else those of all. */
export const stateLimits = (
  all: Thresholds,
  state: string,
  queueId?: string | undefined,
  name?: string | undefined
): Limits | undefined => own(ofQueue(all, queueId, name)?.states, state) ?? own(all.states, state)

/** How long something has lasted, ms, against its limits. */
export const levelOf = (lasted: number, limits: Limits | undefined): Level =>
  limits === undefined || lasted < limits[0] * 1_000 ? 0 : lasted < limits[1] * 1_000 ? 1 : 2
