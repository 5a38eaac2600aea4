/** What of the board is shown and how. All of it is in the address, so that a screen can be pinned to a team and survives a reload. */
export interface View {
  /** Words that agents and queues must contain. */
  readonly find: string
  /** The one state of agents that is shown. */
  readonly state: string
  /** The id of the one queue that is shown, with its members. */
  readonly queue: string
  readonly group: (typeof GROUPS)[number]
  readonly sort: (typeof ORDERS)[number]
  /** The column by which queues are sorted. */
  readonly queues: (typeof COLUMNS)[number]
  readonly size: (typeof SIZES)[number]
  /** Whether the curves of the pipeline are shown. */
  readonly curves: boolean
  /** After how many seconds the screen turns to its next page by itself; 0 where it has one page and does not. */
  readonly wall: number
}

export const GROUPS = ["state", "queue", "none"] as const
export const ORDERS = ["urgency", "time in state", "name", "id"] as const
export const SIZES = ["auto", "rows", "cards"] as const
export const COLUMNS = [
  "urgency",
  "name",
  "waiting",
  "longest",
  "alerting",
  "interacting",
  "wrapup",
  "notResponding",
  "withSession",
  "onQueue",
  "otherStates",
  "offered",
  "answered",
  "abandoned",
  "level"
] as const

export const DEFAULTS: View = {
  find: "",
  state: "",
  queue: "",
  group: "state",
  sort: "urgency",
  queues: "urgency",
  size: "auto",
  curves: false,
  wall: 0
}

const oneOf = <A extends string>(all: ReadonlyArray<A>, text: string | null, otherwise: A): A =>
  all.find((one) => one === text) ?? otherwise

/** How often a wall turns unless somebody says otherwise, seconds, and between which bounds. */
export const TURN_S = 12
const [LEAST_S, MOST_S] = [2, 600]

const turnOf = (text: string): number => {
  const given = Number(text)
  return text === "" || !Number.isFinite(given) ? TURN_S : Math.min(MOST_S, Math.max(LEAST_S, given))
}

/** The view of the part of an address behind `?`. What it does not know is as by default. */
export const viewOf = (search: string): View => {
  const given = new URLSearchParams(search)
  return {
    find: given.get("find") ?? DEFAULTS.find,
    state: given.get("state") ?? DEFAULTS.state,
    queue: given.get("queue") ?? DEFAULTS.queue,
    group: oneOf(GROUPS, given.get("group"), DEFAULTS.group),
    sort: oneOf(ORDERS, given.get("sort"), DEFAULTS.sort),
    queues: oneOf(COLUMNS, given.get("queues"), DEFAULTS.queues),
    size: oneOf(SIZES, given.get("size"), DEFAULTS.size),
    curves: given.has("curves"),
    wall: given.has("wall") ? turnOf(given.get("wall") ?? "") : DEFAULTS.wall
  }
}

/** That part of the address, with its `?`; nothing where all is as by default. */
export const searchOf = (view: View): string => {
  const given = new URLSearchParams()
  for (const [name, value] of Object.entries(view)) {
    if (value === DEFAULTS[name as keyof View]) continue
    given.set(name, value === true ? "" : String(value))
  }
  const text = given.toString().replaceAll(/=(?=&|$)/g, "")
  return text === "" ? "" : `?${text}`
}
