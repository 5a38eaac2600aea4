/** What a stack must carry, and the settings that decide how. */
export interface Load {
  /** Events per second that must be carried without falling behind. */
  readonly peakEventsPerSecond: number
  /** Bytes of an event as it stands on the stream, envelope included. */
  readonly averageEventBytes: number
  /** Records in an invocation of append at most, and seconds that a batch waits to fill. */
  readonly batchSize: number
  readonly batchWindowSeconds: number
  /** Messages in an invocation of project at most. */
  readonly settleBatchSize: number
  readonly functionMemoryMb: number
  /** Targets that get each event: the stream, and the bus of a second region. */
  readonly targets: number
  /** Generations of a projection that are fed, on average: 1, and more while a raised version stands beside the one before. */
  readonly generations: number
  /** Whether the index by entity is kept. */
  readonly entityIndex: boolean
  /** Concurrent executions that the account may run; 0: not known. */
  readonly accountConcurrency: number
  /** Given by the configuration; 0: derived. */
  readonly streamShards: number
  readonly parallelizationFactor: number
  readonly settleMaxConcurrency: number
}

/** Units per second that a table takes from the first second on. */
export interface WarmThroughput {
  readonly writes: number
  readonly reads: number
}

/** Everything that follows from a load. */
export interface Capacity {
  readonly shards: number
  /** Batches of one shard in flight at once. */
  readonly parallelization: number
  /** Records in a batch of append at the peak. */
  readonly batchFill: number
  /** Seconds that such a batch takes. */
  readonly appendSeconds: number
  /** Invocations running at once at the peak, by Little's law; a fraction is a share of the time. */
  readonly appendInFlight: number
  /** Settle messages per second. */
  readonly messages: number
  readonly projectSeconds: number
  readonly projectInFlight: number
  /** Invocations of append that there can be: the stream hands out no more. */
  readonly appendConcurrency: number
  /** Environments of append that may be kept ready: no more than it has reserved. */
  readonly appendReady: number
  /** Invocations of project that there may be: the queue hands out no more. */
  readonly projectConcurrency: number
  /** Of the account's concurrency; undefined where reserving would do more harm than good. */
  readonly reserved: { readonly append: number; readonly project: number } | undefined
  /** What the account's concurrency must be for both, with what AWS keeps for other functions where some is reserved. */
  readonly accountConcurrency: number
  readonly eventTable: WarmThroughput
  readonly projectionTable: WarmThroughput
  /** Of the index by entity; undefined without it. */
  readonly entityTable: WarmThroughput | undefined
  /** Target invocations per second that EventBridge must grant. */
  readonly busInvocations: number
}

/** A quarter more than the peak, for shares that are never even. */
const HEADROOM = 1.25

/** Kinesis: what one shard takes in a second. */
const SHARD = { bytes: 1_000_000, records: 1_000 }
/** Lambda polls a shard once a second, so that a batch holds at least what a second brought. */
const POLL_SECONDS = 1
/** A shard's batches may be in flight for half of the time: the other half works off a backlog as fast as it grew. */
const UTILISATION = 0.5
/** Times the peak that project can carry, so that an outage of an hour is worked off in an hour. Append has as much by `UTILISATION`. */
const CATCH_UP = 2
/** Lambda's limit on an invocation, and what a record of a stream takes beside its bytes in base64. */
const PAYLOAD = { bytes: 6_000_000, perRecord: 540 }

/** MiB at which a function has one vCPU. JavaScript runs on one, so more memory makes no batch faster. */
const VCPU_MB = 1_769
/** CPU seconds on one vCPU: to append an event, and to merge a delta into its row. From a benchmark; check with the duration alarm. */
const APPEND_CPU = 0.0002
const PROJECT_CPU = 0.0003
/** Seconds of a call to DynamoDB with 25 statements; the functions have 8 in flight. */
const CALL_SECONDS = 0.012
const STATEMENTS_IN_FLIGHT = 25 * 8
/** Calls that follow each other whatever the batch: append sends a message; project loads, takes tickets, reads and summarises. */
const APPEND_CALLS = 2
const PROJECT_CALLS = 5

/**
 * Counted with the contact centre simulator in the middle of a day, whatever its size (docs/costs.md): deltas of an event, their bytes in a message, and
 * a message's greatest size.
 */
export const DELTAS_PER_EVENT = 4
const DELTA_BYTES = 212
/** Counted there as well: entries of an event in the index by entity. Each is one write unit. */
export const ENTRIES_PER_EVENT = 1.05
const MESSAGE_BYTES = 65_536

/** DynamoDB: what a table on demand takes when it is new. AWS refuses less. */
export const NEW_TABLE: WarmThroughput = { writes: 4_000, reads: 12_000 }
/**
 * Counted there as well: bytes of an item beside its body, and how much of an event is left in a body that a dictionary compresses, where it
 * knows none of the fields (a third; of those that it knows a sixth). Bodies of more bytes than `dictionary` are deflated.
 */
const ITEM = { columns: 175, compressed: 0.35, dictionary: 8_192, deflated: 0.55 }
/** A write of a row needs a read before it; as much again is for those who read the projections. */
const READS_PER_WRITE = 2

/** SQS: the least and the most concurrency that a mapping can be given. */
const [LEAST_CONCURRENCY, MOST_CONCURRENCY] = [2, 1_000]
/** Lambda: what AWS keeps unreserved for the account's other functions, and what redrive has, which runs once at a time. */
export const UNRESERVED = 100
const REDRIVE = 1
/** Events per second from which functions hold concurrency of their own. */
export const RESERVE_FROM = 500

/** Bytes of an item of the event store, of an event that has so many on the stream. */
export const itemBytesOf = (eventBytes: number): number =>
  ITEM.columns + eventBytes * (eventBytes > ITEM.dictionary ? ITEM.deflated : ITEM.compressed)

/** The records in a batch, when each of `lanes` gets an even share. */
const fillOf = (load: Load, eventsPerSecond: number): number => {
  const payload = Math.floor(PAYLOAD.bytes / ((load.averageEventBytes * 4) / 3 + PAYLOAD.perRecord))
  const waiting = eventsPerSecond * Math.max(POLL_SECONDS, load.batchWindowSeconds)
  return Math.max(1, Math.min(load.batchSize, payload, waiting))
}

/** A generation gets updates of its own, which go through the same queue and the same function. */
const deltasOf = ({ generations }: Load, events: number): number => events * DELTAS_PER_EVENT * generations

const vcpus = ({ functionMemoryMb }: Load): number => Math.min(1, functionMemoryMb / VCPU_MB)

/** Seconds of calls for so many statements. */
const statementSeconds = (statements: number): number => Math.max(1, statements / STATEMENTS_IN_FLIGHT) * CALL_SECONDS

const appendSecondsOf = (load: Load, records: number): number =>
  APPEND_CALLS * CALL_SECONDS +
  statementSeconds(records) +
  // Beside the message, which takes a call.
  (load.entityIndex ? statementSeconds(records * ENTRIES_PER_EVENT) - CALL_SECONDS : 0) +
  (records * APPEND_CPU) / vcpus(load)

const projectSecondsOf = (load: Load, deltas: number): number =>
  PROJECT_CALLS * CALL_SECONDS + statementSeconds(deltas) + (deltas * PROJECT_CPU) / vcpus(load)

/** Little's law: things in flight = things per second x seconds that each takes. */
const inFlight = (perSecond: number, seconds: number): number => perSecond * seconds

/** Shards that take this many events a second, `headroom` times over. */
export const shardsFor = (
  load: Pick<Load, "peakEventsPerSecond" | "averageEventBytes">,
  headroom = HEADROOM
): number => {
  const events = load.peakEventsPerSecond * headroom
  return Math.max(1, Math.ceil(events / SHARD.records), Math.ceil((events * load.averageEventBytes) / SHARD.bytes))
}

/** Batches of a shard that must be in flight at once so that a full one is used half of the time. */
const parallelizationFor = (load: Load): number => {
  // A full shard, not an even share of the peak: keys are uneven, and each shard has to keep up on its own.
  const events = Math.min(SHARD.records, SHARD.bytes / load.averageEventBytes) / HEADROOM
  const records = fillOf(load, events)
  const busy = inFlight(events / records, appendSecondsOf(load, records))
  return Math.min(10, Math.max(1, Math.ceil(busy / UTILISATION)))
}

/** Write units per second of one invocation of project that has all the work it can take. */
const writesOfOne = (load: Load): number => STATEMENTS_IN_FLIGHT / projectWriteSeconds(load)
const projectWriteSeconds = (load: Load): number => CALL_SECONDS + (STATEMENTS_IN_FLIGHT * PROJECT_CPU) / vcpus(load)

/** Invocations of project that carry the peak, with no head-room. */
export const projectionsAtOnce = (load: Load): number => deltasOf(load, load.peakEventsPerSecond) / writesOfOne(load)

/**
 * Write units per second that project may bring at most: as if no two deltas of a batch met in a row, each table got all of its
 * generation, and every invocation had all the work that it can take.
 */
const tableWrites = (load: Load): number => {
  const most = Math.ceil(load.peakEventsPerSecond * DELTAS_PER_EVENT * HEADROOM)
  const workers =
    load.settleMaxConcurrency || Math.max(LEAST_CONCURRENCY, Math.ceil(CATCH_UP * projectionsAtOnce(load)))
  const least = Math.ceil(writesOfOne(load) * Math.min(MOST_CONCURRENCY, workers))
  return Math.max(NEW_TABLE.writes, most, least)
}

const reservationOf = (load: Load, append: number, project: number): Capacity["reserved"] => {
  // The mappings bound both functions anyway; what a reservation adds is that neighbours in the account cannot take their place. A
  // small stack fits any pool, and on a new account, whose limit may be as low as 10, AWS would refuse the reservation.
  if (load.peakEventsPerSecond < RESERVE_FROM) return undefined
  const free = load.accountConcurrency - UNRESERVED - REDRIVE
  const share = Math.min(1, free / (append + project))
  // Two for project, because its mapping may not have less; then one is left for append.
  if (free < LEAST_CONCURRENCY + 1) return undefined
  const forProject = Math.max(LEAST_CONCURRENCY, Math.floor(project * share))
  return { append: Math.max(1, Math.min(Math.ceil(append * share), free - forProject)), project: forProject }
}

/** Derives everything from the load. Pure; seconds, bytes and units per second throughout. */
export const capacityOf = (load: Load): Capacity => {
  const { peakEventsPerSecond: peak, averageEventBytes, settleBatchSize } = load
  const shards = load.streamShards || shardsFor(load)
  const parallelization = load.parallelizationFactor || parallelizationFor(load)
  const appendConcurrency = shards * parallelization
  const batchFill = fillOf(load, peak / appendConcurrency)
  const batches = peak / batchFill
  const appendSeconds = appendSecondsOf(load, batchFill)

  const messages = batches * Math.max(1, (deltasOf(load, batchFill) * DELTA_BYTES) / MESSAGE_BYTES)
  // Messages are due at whole seconds, so those of one second come together.
  const invocations = messages / Math.min(settleBatchSize, Math.max(1, messages))
  const projectSeconds = projectSecondsOf(load, deltasOf(load, peak) / invocations)

  const fitting = Math.floor(tableWrites(load) / writesOfOne(load))
  const project = load.settleMaxConcurrency || Math.min(MOST_CONCURRENCY, fitting)
  // A generation has a table of its own and gets its own updates, whichever others there are. So tables follow the peak alone, and
  // neither a second generation nor its end changes them.
  const writes = tableWrites({ ...load, generations: 1 })
  const reserved = reservationOf(load, appendConcurrency, project)

  const itemBytes = itemBytesOf(averageEventBytes)
  return {
    shards,
    parallelization,
    batchFill,
    appendSeconds,
    appendInFlight: inFlight(batches, appendSeconds),
    messages,
    projectSeconds,
    projectInFlight: inFlight(invocations, projectSeconds),
    appendConcurrency,
    appendReady: Math.min(appendConcurrency, reserved?.append ?? appendConcurrency),
    // A mapping that asked for more than is reserved would be throttled, and each throttle counts as a receive.
    projectConcurrency: Math.min(project, reserved?.project ?? project),
    reserved,
    accountConcurrency: appendConcurrency + project + REDRIVE + (peak < RESERVE_FROM ? 0 : UNRESERVED),
    eventTable: {
      writes: Math.max(NEW_TABLE.writes, Math.ceil(peak * HEADROOM * Math.ceil(itemBytes / 1_024))),
      // A redrive makes every insert a duplicate, and the first copy of each is read.
      reads: Math.max(NEW_TABLE.reads, Math.ceil(peak * HEADROOM * Math.ceil(itemBytes / 4_096)))
    },
    projectionTable: { writes, reads: Math.max(NEW_TABLE.reads, writes * READS_PER_WRITE) },
    entityTable: load.entityIndex
      ? {
          writes: Math.max(NEW_TABLE.writes, Math.ceil(peak * HEADROOM * ENTRIES_PER_EVENT)),
          // Read by people, an entity at a time.
          reads: NEW_TABLE.reads
        }
      : undefined,
    busInvocations: Math.ceil(peak * load.targets * HEADROOM)
  }
}

const number = (value: number): string => String(Math.round(value * 100) / 100)

/** The derivation, line by line, for people. */
export const explain = (load: Load): ReadonlyArray<string> => {
  const c = capacityOf(load)
  const given = (key: keyof Load) => (Number(load[key]) > 0 ? " (configured)" : "")
  const peak = number(load.peakEventsPerSecond)
  return [
    `peak: ${peak} events/s x ${number(load.averageEventBytes)} bytes`,
    `shards: ${c.shards}${given("streamShards")}; each takes 1 MB/s and 1,000 records/s, with 25 % head-room`,
    `parallelization: ${c.parallelization}${given("parallelizationFactor")}; a full shard keeps its batches busy half of the time`,
    `append: ${number(c.batchFill)} records a batch, ${number(load.peakEventsPerSecond / c.batchFill)} batches/s x ${number(c.appendSeconds)} s = ${number(c.appendInFlight)} in flight, at most ${c.appendConcurrency} (shards x parallelization)`,
    `project: ${number(c.messages)} messages/s, ${number(c.projectSeconds)} s an invocation, ${number(c.projectInFlight)} in flight, at most ${c.projectConcurrency}${given("settleMaxConcurrency")} so that ${c.projectionTable.writes} write units/s are never overrun`,
    c.reserved === undefined
      ? "reserved concurrency: none"
      : `reserved concurrency: append ${c.reserved.append}, project ${c.reserved.project}, redrive ${REDRIVE}, of ${load.accountConcurrency} less the ${UNRESERVED} that AWS keeps`,
    `event store: ${c.eventTable.writes} write and ${c.eventTable.reads} read units/s warm`,
    `each projection: ${c.projectionTable.writes} write and ${c.projectionTable.reads} read units/s warm (${DELTAS_PER_EVENT} updates an event${load.generations === 1 ? "" : `, for each of ${number(load.generations)} generations`})`,
    ...(c.entityTable === undefined
      ? []
      : [`index by entity: ${c.entityTable.writes} write units/s warm (${ENTRIES_PER_EVENT} entries an event)`]),
    `EventBridge: ${c.busInvocations} target invocations/s`
  ]
}
