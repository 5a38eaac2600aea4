import { NodeServices } from "@effect/platform-node"
import { makeActivity, type PolicyDocument } from "aws-in-process"
import { effectClock, virtualClock } from "aws-in-process/clock"
import { runVirtual } from "aws-in-process/run-virtual"
import { ConfigProvider, Effect, Layer, Schema } from "effect"
import { sizing } from "../../../src/bin/sizing.ts"
import { run } from "../../../src/cli/command.ts"
import { Screen, usageError } from "../../../src/cli/screen.ts"
import { Outputs, StackTargets } from "../../../src/cli/stack/stack.ts"
import { StackSettings } from "../../../src/cli/stack/stack-settings.ts"
import { defaultTopics } from "../../../src/genesys/aliases.ts"
import { Fetch } from "../../../src/genesys-api/http.ts"
import { asFetch } from "../../../src/local/organisation.ts"
import { type IntegrationsOptions, makeIntegrations } from "../../../src/simulator/api/integrations.ts"
import { makeOrganisation } from "../../../src/simulator/api/organisation.ts"
import { makeSimulator } from "../../../src/simulator/simulator.ts"
import { START } from "../../support/history.ts"
import { paper, type Said } from "../harness.ts"
import { someOutputs } from "../outputs.ts"
import { makeAccount, REGION } from "./account.ts"

export const ORGANISATION = "5ca1ab1e-0000-4000-8000-000000000001"
export const SOURCE = `aws.partner/genesys.com/cloud/${ORGANISATION}/projections-prod`
export const YES = ["--yes", "--why", "first connection"]

const decodeOutputs = Schema.decodeSync(Outputs)

/** Words that nothing which the command says may hold. */
export const CLIENT = { clientId: "kanarie-client", clientSecret: "kanarie-secret/+=" }

export const ENVIRONMENT = {
  GENESYSCLOUD_OAUTHCLIENT_ID: CLIENT.clientId,
  GENESYSCLOUD_OAUTHCLIENT_SECRET: CLIENT.clientSecret,
  GENESYSCLOUD_REGION: "eu-central-1"
}

/** What answers a request instead of the organisation; `lose`: it is carried out, and the answer is lost. */
export type Meddling =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  | "lose"

export interface PlaceOptions extends Partial<IntegrationsOptions> {
  readonly permissions?: ReadonlyArray<string>
  readonly settings?: Readonly<Record<string, string>>
  readonly environment?: Readonly<Record<string, string>>
  readonly requestsPerMinute?: number
  /** Called before each request to Genesys: what answers instead. */
  readonly meddle?: (method: string, path: string) => Meddling | undefined
  readonly policy?: PolicyDocument
  /** What the secret holds. */
  readonly secret?: string
}

/**
 * A stack that is not deployed yet, an AWS account, and an organisation at Genesys, on a virtual clock.
 */
export const makePlace = (options: PlaceOptions = {}) => {
  const clock = virtualClock(START)
  const activity = makeActivity()
  const integrations = makeIntegrations({ seed: 1, organisation: ORGANISATION, ...options })
  const source = `aws.partner/genesys.com/cloud/${ORGANISATION}/local`
  const centre = makeSimulator({ seed: 1, agents: 2, queues: 1, rate: 1, chaos: 0, start: START, source })
  const organisation = makeOrganisation({
    centre,
    seed: 1,
    clients: [{ ...CLIENT, ...(options.permissions && { permissions: options.permissions }) }],
    requestsPerMinute: options.requestsPerMinute ?? 300,
    routes: integrations.routes
  })
  const settings = new Map(Object.entries({ "aws:region": REGION, genesysEventSource: "", ...options.settings }))
  const topicsOfStack = (): ReadonlyArray<string> =>
    settings.has("topics") ? JSON.parse(settings.get("topics") ?? "[]") : defaultTopics

  // What a run that is killed does not come to any more: set by `killedAfter`.
  let calls = 0
  let onCall: (() => void) | undefined
  const counted = async <A>(work: () => Promise<A> | A): Promise<A> => {
    const done = await activity.track(Promise.resolve(work()))
    calls++
    onCall?.()
    return done
  }

  const { policy, secret } = options
  const account = makeAccount({ clock, activity, sources: integrations.sources, policy, secret, around: counted })
  const { connection, deployed } = account

  const asked: Array<string> = []
  const inner = asFetch(organisation, clock.now)
  const fetch: typeof globalThis.fetch = (input, init) => {
    const { pathname } = new URL(String(input))
    const method = init?.method ?? "GET"
    asked.push(`${method} ${pathname}`)
    const instead = options.meddle?.(method, pathname)
    return counted(async () => {
      if (instead === undefined) return inner(input, init)
      if (instead !== "lose")
        return new Response(instead.body ?? "{}", { status: instead.status, headers: instead.headers ?? {} })
      await inner(input, init)
      throw new TypeError("fetch failed", { cause: Object.assign(new Error(), { code: "ECONNRESET" }) })
    })
  }

  const stackSettings = Layer.succeed(StackSettings, {
    read: (stack) =>
      stack === "prod" ? Effect.sync(() => Object.fromEntries(settings)) : usageError(`no stack named ${stack}`),
    set: (_, values) =>
      Effect.promise(() =>
        counted(() => {
          for (const [key, value] of Object.entries(values)) settings.set(key, value)
        })
      ),
    remove: (_, keys) =>
      Effect.promise(() =>
        counted(() => {
          for (const key of keys) settings.delete(key)
        })
      ),
    isDeployed: () => Effect.sync(() => deployed() !== undefined),
    connection: () => connection
  })
  const targets = Layer.succeed(StackTargets, {
    stack: (name) =>
      Effect.sync(() => ({
        name: `stack ${name}`,
        outputs: decodeOutputs({
          ...someOutputs,
          projectionTables: {},
          busName: deployed()?.source ?? ""
        }),
        connection,
        who: { user: "robin", host: "desk" }
      })),
    file: () => usageError("looked for a file"),
    folder: () => usageError("looked for a folder")
  })

  const runOf = async (args: ReadonlyArray<string>, signal?: AbortSignal, screen = paper()): Promise<Said> => {
    const { layer, said } = screen
    const environment = ConfigProvider.layer(ConfigProvider.fromEnvRecord({ ...(options.environment ?? ENVIRONMENT) }))
    const services = Layer.mergeAll(
      layer,
      targets,
      stackSettings,
      sizing,
      effectClock(clock),
      NodeServices.layer,
      environment
    )
    let code: number | undefined
    const effect = run([...args, "--stack", "prod"]).pipe(Effect.provide(services), Effect.provideService(Fetch, fetch))
    const ended = Effect.runPromise(effect, signal && { signal })
      .catch((error: unknown) => {
        if (signal?.aborted) return 130
        throw error
      })
      .then((result) => {
        code = result
      })
    await Promise.race([
      runVirtual(clock, { pending: activity.pending, until: () => code !== undefined, limit: 86_400_000 }),
      ended.then(() => new Promise(() => {}))
    ])
    await ended
    return said(code as unknown as number)
  }

  /** What somebody else does in the organisation, `later` (ms) than now. Nobody counts it. */
  const by = (later: number) => (method: string, path: string, body?: unknown) => {
    const at = clock.now() + later
    const send = (request: { method: string; path: string; headers: Record<string, string>; body?: string }) =>
      JSON.parse(organisation.answer(request, at).body)
    const basic = `Basic ${btoa(`${CLIENT.clientId}:${CLIENT.clientSecret}`)}`
    const { access_token } = send({
      method: "POST",
      path: "/oauth/token",
      headers: { authorization: basic, "content-type": "application/x-www-form-urlencoded" },
      body: "grant_type=client_credentials"
    })
    const headers = { authorization: `Bearer ${access_token}` }
    return send({ method, path, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  }

  return {
    clock,
    settings,
    asked,
    secretsAsked: account.secretsAsked,
    unused: account.unused,
    command: (...args: ReadonlyArray<string>) => runOf(args),
    /** What a terminal shows, standard output and standard error as they come. */
    shown: async (...args: ReadonlyArray<string>): Promise<string> => {
      const lines: Array<string> = []
      const line = (text: string) => void lines.push(`${text}\n`)
      const { said } = paper()
      const layer = Layer.succeed(Screen, {
        print: line,
        write: () => {},
        note: line,
        redraw: () => {},
        outputIsTerminal: true,
        errorIsTerminal: false
      })
      await runOf(args, undefined, { layer, said })
      return lines.join("")
    },
    calls: () => calls,
    /** The same, killed right after so many calls to the outside. */
    killedAfter: async (most: number, ...args: ReadonlyArray<string>) => {
      const controller = new AbortController()
      const begun = calls
      onCall = () => {
        if (calls - begun >= most) controller.abort()
      }
      const said = await runOf(args, controller.signal)
      onCall = undefined
      return said
    },
    /** As `pulumi up` does, as far as events go. `rule`: what differs in its rule. */
    deploy: (rule: { readonly state?: string; readonly takes?: string } = {}) =>
      account.deploy({ source: settings.get("genesysEventSource") ?? "", topics: topicsOfStack(), ...rule }),
    recorded: account.recorded,
    /** Somebody else at work in the organisation. */
    somebody: by(0),
    /** All integrations with their configurations, as the organisation shows them two minutes later. */
    held: async () => {
      const look = by(120_000)
      const { entities } = look("GET", "/api/v2/integrations?pageSize=100") as {
        readonly entities: ReadonlyArray<{
          id: string
          name: string
          intendedState: string
          reportedState: { code: string }
        }>
      }
      return entities.map(({ id, name, intendedState, reportedState }) => {
        const { notes, properties } = look("GET", `/api/v2/integrations/${id}/config/current`)
        return { name, intendedState, state: reportedState.code, notes, properties }
      })
    }
  }
}

export type Place = ReturnType<typeof makePlace>
