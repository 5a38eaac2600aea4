export type { AgentFigures } from "../../projections/agent-figures.ts"
export type { QueueFigures, ServiceLevelRule } from "../../projections/queue-figures.ts"
export { GenesysApi, layerGenesysApi } from "../genesys-api/api.ts"
export { NoAnswer, type NoAnswerReason } from "../genesys-api/error.ts"
export type { GenesysFixture } from "../genesys-api/memory.ts"
export type { GenesysCredentials, GenesysOptions } from "../genesys-api/options.ts"
export type { Facet, GenesysSnapshot } from "../genesys-api/snapshot.ts"
export type {
  Agent,
  AgentDetail,
  AgentInterval,
  AgentReport,
  AgentSession,
  AgentState,
  AgentStateSpan,
  Available,
  EntityRow,
  EntityRows,
  Freshness,
  Joined,
  JoinedQueue,
  ListEntry,
  ListKind,
  ListPage,
  Member,
  MemberStatus,
  Members,
  Named,
  Queue,
  QueueInterval,
  QueueReport,
  QueueState
} from "./answers.ts"
export { type ChangeRecord, MalformedRecord } from "./change-record.ts"
export {
  type Change,
  type ChangeKind,
  type ChangesOptions,
  changeOf,
  changesOf,
  isOf,
  type Pointer,
  type RowTypes
} from "./changes.ts"
export { type Client, connect, connectLocal, connectMemory } from "./connect.ts"
export type { DecidedFacet, Decision, Source } from "./critical.ts"
export { NotConfirmed, type NotConfirmedReason } from "./critical-error.ts"
export type { DirectoryFixture } from "./directory-memory.ts"
export {
  BadOption,
  NoActiveGeneration,
  NoDirectory,
  type NoDirectoryReason,
  type ReadError,
  ReaderError,
  StaleAnswer,
  type StaleReason
} from "./errors.ts"
export type { Fixture } from "./memory.ts"
export type {
  AgentIntervalOptions,
  IntervalOptions,
  ListOptions,
  ReaderOptions,
  ReadOptions,
  RowsOptions
} from "./options.ts"
export { Reader } from "./reader.ts"
export type { ServiceLevelOptions } from "./service-level.ts"
export type { Projection } from "./source.ts"
