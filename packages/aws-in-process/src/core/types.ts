/** Time as the engine sees it: real under `npm start`, virtual under test. All engine timers go through it. */
export interface EngineClock {
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Runs `task` once when `now()` has reached `time`. Returns a function that cancels it. Tasks of one instant run in the order they were set. */
  readonly at: (time: number, task: () => void) => () => void
}

/** Who calls: the ARN of the role that a function, a rule target or a mapping assumes. */
export interface Principal {
  readonly roleArn: string
  /** For messages: the function or target that acts. */
  readonly label: string
}

/** An error as AWS returns it. `code` is the error name that the SDK shows; `status` the HTTP status. */
export class ServiceError extends Error {
  readonly code: string
  readonly status: number
  readonly fields: Readonly<Record<string, unknown>>
  constructor(code: string, message: string, status = 400, fields: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.name = code
    this.code = code
    this.status = status
    this.fields = fields
  }
}

/**
 * A random generator. `next` returns a number in [0, 1). Faults are drawn from it and from nothing else, so that a
 * seed names a run.
 */
export interface RandomSource {
  readonly next: () => number
}

/**
 * Called before each action: throws an `AccessDeniedException` `ServiceError` when no statement of the principal's policies
 * allows `action` (such as `dynamodb:PartiQLInsert`) on `resource` (an ARN), and records the use otherwise. `context` holds the values of
 * condition keys; a list for one that has many.
 */
export type Authorize = (
  principal: Principal,
  action: string,
  resource: string,
  context?: Readonly<Record<string, string | ReadonlyArray<string>>>
) => void

/**
 * An AWS service behind the request handler: operation name, input as the SDK put it on the wire (blobs as base64 for the JSON
 * protocols, bytes for S3), and who calls. Fails with a `ServiceError`; any other error is a bug or something not implemented.
 */
export type Service = (
  operation: string,
  // biome-ignore lint/suspicious/noExplicitAny: each service knows the shapes of its own operations
  input: any,
  principal: Principal
  // biome-ignore lint/suspicious/noExplicitAny: as above
) => Promise<any>

/** A whole event as a bus hands it on. */
export type Envelope = Readonly<Record<string, unknown>>
