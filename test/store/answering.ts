import { assert } from "@effect/vitest"
import { Effect, Layer, Tracer } from "effect"
import { DynamoDb } from "../../src/store/aws/dynamodb.ts"
import { EventBridge } from "../../src/store/aws/eventbridge.ts"
import { StepFunctions } from "../../src/store/aws/executions.ts"
import { Sns } from "../../src/store/aws/notices.ts"
import { S3 } from "../../src/store/aws/s3.ts"
import { Sqs } from "../../src/store/aws/sqs.ts"
import { Kinesis } from "../../src/store/aws/stream-sink.ts"

type Clients = DynamoDb | EventBridge | Kinesis | S3 | Sns | Sqs | StepFunctions

/** What AWS says to a call: its answer, or the name of the error that it refuses the call with. */
export type Answer = object | string

type Respond = (call: string, input: Readonly<Record<string, unknown>>, nth: number) => Answer

/** The body of an object, as a client of the SDK gives it. */
export const bodyOf = (text: string) => ({
  transformToString: async () => text,
  transformToByteArray: async () => new Uint8Array(Buffer.from(text))
})

const refusal = (name: string) =>
  Object.assign(new Error("a value that nobody may see"), { name, $metadata: { httpStatusCode: 400 } })

/**
 * Clients of AWS that answer calls one after the other as `answers` says, and refuse the rest. `asked` remembers each call with its input.
 * `on` runs work on a store that is built on them, and asserts that spans name the calls as AWS does.
 */
export const answering = (answers: ReadonlyArray<Answer> | Respond) => {
  const asked: Array<readonly [call: string, input: object]> = []
  const respond: Respond = typeof answers === "function" ? answers : (_, __, nth) => answers[nth] ?? "AccessDenied"
  const client = {
    send: async (command: { readonly input: Readonly<Record<string, unknown>> }) => {
      const [call, nth] = [command.constructor.name.replace(/Command$/, ""), asked.length]
      asked.push([call, command.input])
      const answer = respond(call, command.input, nth)
      if (typeof answer === "string") throw refusal(answer)
      return answer
    }
  }
  const clients = Layer.mergeAll(
    Layer.succeed(DynamoDb, client as never),
    Layer.succeed(EventBridge, client as never),
    Layer.succeed(Kinesis, client as never),
    Layer.succeed(S3, client as never),
    Layer.succeed(Sns, client as never),
    Layer.succeed(Sqs, client as never),
    Layer.succeed(StepFunctions, client as never)
  )
  const spans: Array<string> = []
  const tracer = Tracer.make({
    span: (options) => {
      if (options.kind === "client") spans.push(options.name)
      return new Tracer.NativeSpan(options)
    }
  })
  const named = Effect.sync(() => {
    const calls = asked.map(([call]) => call)
    assert.deepStrictEqual(spans.toSorted(), calls.toSorted(), "a span has the name of its call")
  })
  const on =
    <S, F, R extends Clients>(store: Layer.Layer<S, F, R>) =>
    <A, E>(work: Effect.Effect<A, E, S>): Effect.Effect<A, E | F> =>
      work.pipe(
        Effect.provide(Layer.fresh(Layer.provide(store, clients as Layer.Layer<R>))),
        Effect.provideService(Tracer.Tracer, tracer),
        Effect.ensuring(named)
      )
  return { asked, on }
}

/** Runs work on a store over such clients, and returns what it asked for beside its value. */
export const asking =
  <S, F, R extends Clients>(store: Layer.Layer<S, F, R>) =>
  <A, E>(answers: ReadonlyArray<Answer> | Respond, work: Effect.Effect<A, E, S>) => {
    const { asked, on } = answering(answers)
    return Effect.map(on(store)(work), (value) => ({ asked, value }))
  }
