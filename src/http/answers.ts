import { Schema } from "effect"
import type { AgentFigures } from "../../projections/agent-figures.ts"
import { AgentSession, AgentState } from "../../projections/agents-rows.ts"
import type { QueueFigures, ServiceLevelRule } from "../../projections/queue-figures.ts"
import { QueueState } from "../../projections/queues-rows.ts"
import { count, flag, number, text, time } from "../../projections/row-kind.ts"
import type {
  AgentDetail,
  AgentReport,
  Joined,
  JoinedQueue,
  ListPage,
  Members,
  Queue,
  QueueReport
} from "../read/answers.ts"

const { optionalKey } = Schema

/** A schema of exactly what the reader answers: neither has a field that the other lacks. */
const exactly =
  <A>() =>
  <S extends Schema.Top>(schema: S & (A extends S["Type"] ? (S["Type"] extends A ? unknown : never) : never)): S =>
    schema

const freshness = {
  asOf: time("when the latest event happened that made the answer what it is"),
  settledThrough: optionalKey(
    time(
      "everything that happened before this time and has arrived is in the answer; absent until anything has settled"
    )
  ),
  inWindow: flag("whether events that are still on their way may come before `asOf`"),
  revised: optionalKey(
    Schema.Struct({
      at: time("when that update became visible"),
      lateMs: number("how long after its due time, in ms")
    }).annotate({
      description: "the last update that came too late for its window and changed the answer; absent: never"
    })
  ),
  generation: text("the generation of the projection that was read"),
  readAt: time("when it was read, by the clock of the function")
} as const

const named = {
  names: optionalKey(
    Schema.Record(Schema.String, Schema.String).annotate({
      description:
        "by id, what the organisation calls those agents, queues, wrap-up codes and presences of the answer that it knows; only with `names=true`"
    })
  )
} as const

const agentId = text("the agent's id")
const queueId = text("the queue's id")

/** An agent with its sessions. */
export const Agent = exactly<AgentDetail>()(
  Schema.Struct({
    agentId,
    ...AgentState.fields,
    ...freshness,
    ...named,
    sessions: Schema.Array(AgentSession).annotate({ description: "those that are not over, the longest first" })
  }).annotate({ identifier: "Agent" })
)

/** An agent as the stream of changes sends it: without sessions. */
export const AgentChange = Schema.Struct({ agentId, ...AgentState.fields, ...freshness, ...named }).annotate({
  identifier: "AgentChange"
})

const joined = exactly<Joined>()(
  Schema.Struct({
    idle: count("on queue and idle"),
    interacting: count("in a conversation"),
    notResponding: count("on queue, and did not answer"),
    offQueue: count("off queue"),
    unknown: count("whose presence or routing status was never seen"),
    generation: text("the generation of the agents' states")
  })
)

/** A queue, and with `joined=true` what its members do. */
export const QueueAnswer = exactly<Queue & Partial<Pick<JoinedQueue, "joined">>>()(
  Schema.Struct({
    queueId,
    ...QueueState.fields,
    ...freshness,
    ...named,
    joined: optionalKey(joined.annotate({ description: "how many joined members do what; only with `joined=true`" }))
  }).annotate({ identifier: "Queue" })
)

const { state, ...otherColumns } = AgentState.fields

/** The joined members of a queue. */
export const MembersAnswer = exactly<Members>()(
  Schema.Struct({
    queueId,
    ...freshness,
    ...named,
    members: Schema.Array(
      Schema.Struct({
        agentId,
        status: Schema.Literals(["idle", "interacting", "notResponding", "offQueue", "unknown"]).annotate({
          description:
            "what the member does for the queue; `unknown` where no event spoke of it, and then nothing else is here"
        }),
        state: optionalKey(state),
        ...otherColumns,
        asOf: optionalKey(freshness.asOf)
      })
    ).annotate({ description: "in the order of their ids" })
  }).annotate({ identifier: "Members" })
)

const handled = count("agents' sessions that ended and in which the agent was connected")
const transferred = count("of `handled`, those that the agent ended by a transfer")
const notAnswered = count("alerts that ended without the agent being connected, and not because the customer left")

const figures = {
  offered: count("waits that began"),
  answered: count("waits that ended with an agent answering"),
  answeredInTime: count("of these, in time"),
  abandoned: count("waits that the customer ended, short abandons included"),
  shortAbandoned: count("of these, the short ones"),
  flowOut: count("waits that ended otherwise: a voicemail, a callback, another queue"),
  otherEnds: count("waits of which the event did not say how they ended"),
  serviceLevel: optionalKey(number("from 0 to 1; absent where nothing counts towards it")),
  targetMet: optionalKey(flag("whether the service level reaches its target")),
  averageSpeedOfAnswerMs: optionalKey(
    number("of the waits that were answered, as far as their length is known, in ms")
  ),
  longestWaitMs: optionalKey(number("of all waits that ended, in ms")),
  handled,
  averageHandleMs: optionalKey(
    number("dialling, talk, hold and after-call work by `handled`, in ms; absent where none was handled")
  ),
  talkMs: number("in ms"),
  heldMs: number("in ms"),
  wrapupMs: number("in ms"),
  transferred,
  notAnswered,
  revised: flag("whether something of it arrived after its interval was taken for whole")
} as const

exactly<QueueFigures>()(Schema.Struct(figures))

const rule = exactly<ServiceLevelRule>()(
  Schema.Struct({
    answerSeconds: number("a wait that is answered within these seconds is answered in time"),
    target: number("from 0 to 1"),
    shortAbandonSeconds: number("an abandon before these seconds is short"),
    withAbandons: flag("whether abandons count as missed"),
    withShortAbandons: flag("whether short ones do as well"),
    withFlowOuts: flag("whether waits that went elsewhere count as missed")
  })
)

const span = {
  from: time("where it begins"),
  to: time("where it ends, which is not in it")
} as const

const settled = flag("whether all is counted that happened in it and has arrived")

const lasted = (description: string) =>
  Schema.Record(Schema.String, number("how long, in ms")).annotate({ description })

const agentFigures = {
  presenceMs: lasted("how long each presence lasted; Genesys calls it `tSystemPresence`"),
  routingStatusMs: lasted("how long each routing status lasted; Genesys calls it `tAgentRoutingStatus`"),
  stateMs: lasted("how long each state lasted; `Unknown` while what matters was not known"),
  handled,
  transferred,
  notAnswered,
  talkMs: number("in ms"),
  heldMs: number("in ms")
} as const

exactly<AgentFigures>()(Schema.Struct(agentFigures))

/** What an agent did, in all and by intervals. */
export const AgentReportAnswer = exactly<AgentReport>()(
  Schema.Struct({
    agentId,
    ...span,
    ...agentFigures,
    spans: Schema.Array(
      Schema.Struct({
        ...span,
        state: text("the state; `Unknown` where what matters was not known"),
        presence: optionalKey(text("the presence; absent where it was not known")),
        routingStatus: optionalKey(text("the routing status; absent where it was not known"))
      })
    ).annotate({ description: "times in which the state was the same, without a gap, until `to` or now" }),
    intervals: Schema.Array(Schema.Struct({ ...span, settled, ...agentFigures })).annotate({
      description: "those that have begun, in their order"
    }),
    settledThrough: freshness.settledThrough,
    generation: freshness.generation,
    readAt: freshness.readAt,
    ...named
  }).annotate({ identifier: "AgentReport" })
)

/** What happened in a queue, in all and by intervals. */
export const Report = exactly<QueueReport>()(
  Schema.Struct({
    queueId,
    ...span,
    ...figures,
    rule: rule.annotate({ description: "by what the service level was judged" }),
    intervals: Schema.Array(
      Schema.Struct({
        ...span,
        settled,
        ...figures
      })
    ).annotate({ description: "those that have begun, in their order" }),
    settledThrough: freshness.settledThrough,
    generation: freshness.generation,
    readAt: freshness.readAt,
    ...named
  }).annotate({ identifier: "QueueReport" })
)

/** A page of a list. */
export const Page = exactly<ListPage>()(
  Schema.Struct({
    entries: Schema.Array(
      Schema.Struct({
        id: text("the id"),
        name: optionalKey(text("what the organisation calls it")),
        email: optionalKey(text("of an agent; only where the stack keeps addresses")),
        division: optionalKey(text("the id of its division")),
        team: optionalKey(text("the id of an agent's team"))
      })
    ).annotate({ description: "in the order of names" }),
    next: optionalKey(text("`after` of the request for the following page; absent on the last one"))
  }).annotate({ identifier: "Page" })
)

/** An error, as RFC 9457 has it. */
export const ProblemBody = Schema.Struct({
  type: text("`about:blank`: the status says what kind of problem it is"),
  title: text("the status in words"),
  status: Schema.Int.annotate({ description: "the status" }),
  detail: optionalKey(text("what is wrong, for people")),
  errors: optionalKey(
    Schema.Array(
      Schema.Struct({ field: text("the parameter"), problem: text("what is wrong with it, and what it must be") })
    ).annotate({ description: "each parameter that cannot be used" })
  )
}).annotate({ identifier: "Problem" })

/** What a success answers, by the name of the route. Only the description needs it: answers are sent as the reader gives them. */
export const answers = {
  listAgents: Page,
  getAgent: Agent,
  getAgentToday: AgentReportAnswer,
  getAgentInterval: AgentReportAnswer,
  listQueues: Page,
  getQueue: QueueAnswer,
  getMembers: MembersAnswer,
  getToday: Report,
  getInterval: Report
} as const

/** What the events of the stream of changes carry, by their names. */
export const events = {
  agent: AgentChange,
  queue: QueueAnswer,
  gone: Schema.Struct({ agentId: optionalKey(agentId), queueId: optionalKey(queueId) }).annotate({
    identifier: "Gone"
  }),
  freshness: Schema.Struct({ settledThrough: freshness.settledThrough, readAt: freshness.readAt }).annotate({
    identifier: "Freshness"
  }),
  problem: ProblemBody
} as const
