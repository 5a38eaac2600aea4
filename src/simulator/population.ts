import { type Agent, allMedia, type Medium, type Population, type Queue, type SystemPresence } from "./model.ts"
import { type Division, makeDivisions, makeTeams, type Named, nameOf, wrapupCodeNames } from "./names.ts"
import { makeIds, makeRandom, type Random } from "./random.ts"

const QUEUE_NAMES = ["Service", "Claims", "Sales", "Billing", "Support", "Returns", "Renewals", "Orders"] as const
const PRESENCES: ReadonlyArray<SystemPresence> = [
  "OFFLINE",
  "AVAILABLE",
  "ON_QUEUE",
  "BREAK",
  "MEAL",
  "MEETING",
  "TRAINING",
  "BUSY",
  "AWAY",
  "IDLE"
]
const DAY_MS = 86_400_000

const skillSets: ReadonlyArray<readonly [number, ReadonlyArray<Medium>]> = [
  [0.35, ["VOICE"]],
  [0.25, ["CHAT", "MESSAGE"]],
  [0.4, ["VOICE", "CHAT", "MESSAGE"]]
]

const makeQueue = (number: number, id: string, random: Random, division: Division): Queue => {
  const round = Math.floor(number / QUEUE_NAMES.length)
  const name = `${QUEUE_NAMES[number % QUEUE_NAMES.length]}${round === 0 ? "" : ` ${round + 1}`}`
  // The first queue takes everything, so that no medium is without a queue.
  const offered = number === 0 ? allMedia : random.weighted(skillSets)
  return {
    id,
    name,
    division,
    media: new Set(offered),
    members: new Set(),
    waiting: new Map(),
    engaged: new Set(),
    changed: new Set(),
    counts: new Map(),
    tallies: new Map(allMedia.map((medium) => [medium, new Map()])),
    reported: new Map(),
    flushed: 0,
    flushing: false,
    last: 0,
    published: 0
  }
}

/**
 * The organisation before the day begins: everybody logged off. Its ids depend on `seed` alone, so that another run with the same seed
 * meets the same agents and queues.
 */
export const makePopulation = (seed: number, agents: number, queues: number, start: number): Population => {
  const random = makeRandom(`${seed}:population`)
  const id = makeIds(`${seed}:population`)
  const ids = (count: number) => Array.from({ length: count }, () => id())
  const definitions = new Map(PRESENCES.map((system) => [system, ids(system === "BREAK" || system === "BUSY" ? 2 : 1)]))
  const [divisions, teams] = [makeDivisions(seed), makeTeams(seed)]
  const allQueues = Array.from({ length: queues }, (_, number) =>
    makeQueue(number, id(), random, divisions[number % divisions.length] as Division)
  )

  const makeAgent = (number: number): Agent => {
    const skills = new Set(number === 0 ? allMedia : random.weighted(skillSets))
    const first = allQueues[number % queues] as Queue
    const memberOf = new Set([first])
    for (let extra = random.whole(0, 2); extra > 0; extra--) memberOf.add(random.pick(allQueues))
    const before = start - random.between(0.4, 3) * DAY_MS
    const station = { id: id(), name: `Desk ${number + 1}` }
    return {
      id: id(),
      number,
      ...nameOf(number),
      division: first.division,
      team: teams[number % teams.length] as Named,
      skills,
      station: skills.has("VOICE") ? station : undefined,
      seen: false,
      memberOf: [...memberOf],
      presence: { system: "OFFLINE", definition: definitions.get("OFFLINE")![0]!, since: Math.round(before) },
      routing: { status: "OFF_QUEUE", since: Math.round(before) },
      outOfOffice: { active: random.chance(0.06), since: Math.round(before - random.between(1, 20) * DAY_MS) },
      active: { queues: [], since: Math.round(before) },
      stationed: false,
      deactivated: false,
      missed: false,
      calling: false,
      reported: new Set(),
      work: new Set(),
      tallies: new Map(),
      shiftEnds: 0,
      last: 0,
      published: 0
    }
  }

  return {
    agents: Array.from({ length: agents }, (_, number) => makeAgent(number)),
    queues: allQueues,
    divisions,
    teams,
    definitions,
    wrapupCodes: wrapupCodeNames.map((name) => ({ id: id(), name })),
    skills: ids(8),
    languages: ids(3)
  }
}
