import type { RequestHandler } from "aws-in-process"
import { makeActivity } from "aws-in-process"
import { realClock, virtualClock } from "aws-in-process/clock"
import { Layer } from "effect"
import { Connection } from "../../src/store/connection.ts"

export const arn = (service: string, resource: string) => `arn:aws:${service}:eu-west-1:444455556666:${resource}`

export const queueUrl = (name: string) => `https://sqs.eu-west-1.amazonaws.com/444455556666/${name}`

/** Who calls, where nobody is refused. */
export const PRINCIPAL = { roleArn: "arn:aws:iam::444455556666:role/test", label: "test" }

/**
 * What an engine under test is made of: the machine's time, a time of its own for the queues that stands at 0 until it is moved, what is under
 * way, and rights that allow everything and remember in `actions` what was asked for.
 */
export const permissive = () => {
  const actions = new Set<string>()
  const authorize = (_: unknown, action: string) => {
    actions.add(action)
  }
  return { clock: realClock(), queueClock: virtualClock(0), activity: makeActivity(), actions, authorize }
}

/** Connects clients of the SDK to an engine. */
export const connectedTo = (requestHandler: RequestHandler) =>
  Layer.succeed(Connection, {
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    requestHandler
  })
