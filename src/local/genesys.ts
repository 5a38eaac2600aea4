import { createServer } from "node:http"
import { text as textOf } from "node:stream/consumers"
import {
  type EngineClock,
  makeActivity,
  makeEventBridge,
  makeKinesis,
  makeRequestHandler,
  makeSqs,
  type RequestHandler
} from "aws-in-process"
import { type Integrations, makeIntegrations } from "../simulator/api/integrations.ts"
import { makeOrganisation } from "../simulator/api/organisation.ts"
import { makeSimulator } from "../simulator/simulator.ts"
import { listenOnLoopback } from "./loopback.ts"
import { serveOrganisation } from "./organisation.ts"
import { SIMULATED_SOURCE } from "./partner.ts"

/** The AWS account that the server plays. */
export const SIMULATED_ACCOUNT = "444455556666"

/** What the organisation has. */
const CENTRE = { seed: 1, agents: 24, queues: 5, rate: 20, chaos: 0 } as const

/** The region for which a call to AWS is signed. */
const regionOf = (authorization = ""): string =>
  /Credential=[^/]+\/\d+\/([a-z0-9-]+)\//.exec(authorization)?.[1] ?? "us-east-1"

/** The EventBridge of the account in a region: the sources of partners, and no bus but the default one. */
const bridgeIn = (region: string, clock: EngineClock, integrations: Integrations): RequestHandler => {
  const activity = makeActivity()
  const authorize = () => {}
  const sources = () =>
    integrations.sources(clock.now()).filter((one) => one.account === SIMULATED_ACCOUNT && one.region === region)
  const { service } = makeEventBridge([], [], [], {
    clock,
    authorize,
    kinesis: makeKinesis([], authorize),
    sqs: makeSqs([], { clock, authorize, activity }),
    random: { next: () => 0 },
    partner: { region, account: SIMULATED_ACCOUNT, sources }
  })
  const principal = { roleArn: `arn:aws:iam::${SIMULATED_ACCOUNT}:role/anybody`, label: "anybody" }
  return makeRequestHandler({ services: { events: service }, principal, activity })
}

/** Serves calls of the SDK on 127.0.0.1, at any port that is free. What the engine does not do gets 501 and its sentence. */
const serveAws = async (handlerFor: (region: string) => RequestHandler) => {
  const server = createServer((request, response) => {
    const { authorization, host = "", "content-type": type = "", "x-amz-target": target = "" } = request.headers
    textOf(request)
      .then((body) =>
        handlerFor(regionOf(authorization)).handle({
          protocol: "http:",
          hostname: host,
          path: "/",
          method: "POST",
          headers: { "content-type": type, "x-amz-target": String(target) },
          body
        })
      )
      .then(async ({ response: { statusCode, headers, body } }) =>
        response.writeHead(statusCode, headers).end(await textOf(body))
      )
      .catch((error: Error) => response.writeHead(501).end(`${error.message}\n`))
  })
  return listenOnLoopback(server, 0)
}

/**
 * A Genesys organisation on 127.0.0.1, and the EventBridge of the AWS account that its integrations send to: `url` is for
 * `projections connect --endpoint`, `aws` for `AWS_ENDPOINT_URL_EVENTBRIDGE`. What is made there lives as long as they do. `port` 0 is any
 * that is free. Rejects where the port is taken.
 */
export const serveGenesys = async (clock: EngineClock, port: number) => {
  const centre = makeSimulator({ ...CENTRE, start: clock.now(), source: SIMULATED_SOURCE })
  const integrations = makeIntegrations({ seed: CENTRE.seed, organisation: SIMULATED_SOURCE.split("/")[3] ?? "" })
  const organisation = makeOrganisation({ centre, seed: CENTRE.seed, routes: integrations.routes })
  const genesys = await serveOrganisation(organisation, clock.now, port)
  const aws = await serveAws((region) => bridgeIn(region, clock, integrations))
  return {
    url: genesys.url,
    aws: aws.url,
    close: async () => {
      await genesys.close()
      await aws.close()
    }
  }
}
