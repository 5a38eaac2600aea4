import { assert, describe, it } from "@effect/vitest"
import { SECRET } from "./account.ts"
import { CLIENT, ENVIRONMENT, type Meddling, makePlace, type PlaceOptions, YES } from "./place.ts"

const VIEW = "integrations:integration:view"
const ADD = "integrations:integration:add"
const EDIT = "integrations:integration:edit"

/** Whatever answers to a method at a path. */
const when = (method: string, path: RegExp, instead: Meddling, times = Number.POSITIVE_INFINITY) => {
  let left = times
  return {
    meddle: (asked: string, at: string) => (asked === method && path.test(at) && left-- > 0 ? instead : undefined)
  }
}

const ended = async (options: PlaceOptions, ...args: ReadonlyArray<string>) => {
  const place = makePlace(options)
  const { code, out, err } = await place.command("connect", ...(args.length === 0 ? YES : args))
  return { code, out, err, place }
}

const topic = (body: object) => JSON.stringify({ entities: [body] })

const REFUSALS: ReadonlyArray<readonly [name: string, options: PlaceOptions, sentence: RegExp]> = [
  [
    "a secret that is wrong",
    { environment: { ...ENVIRONMENT, GENESYSCLOUD_OAUTHCLIENT_SECRET: "kanarie-other" } },
    /^Genesys at mypurecloud\.de does not accept the credentials in GENESYSCLOUD_OAUTHCLIENT_ID and GENESYSCLOUD_OAUTHCLIENT_SECRET: they must be .* made in an organisation of that region$/m
  ],
  [
    "no right to look",
    { permissions: [] },
    new RegExp(`^the OAuth client may not do that: give one of its roles the permission ${VIEW} \\(Admin, `, "m")
  ],
  ["no right to add", { permissions: [VIEW] }, new RegExp(`the permission ${ADD} .* run the same command again$`, "m")],
  ["no right to edit", { permissions: [VIEW, ADD] }, new RegExp(`the permission ${EDIT} `)],
  [
    "a 403 that does not say for what",
    when("POST", /integrations$/, { status: 403 }),
    new RegExp(`the permission ${ADD} `)
  ],
  [
    "a name that is taken",
    when("POST", /integrations$/, { status: 409 }),
    /its name is taken, or there are as many as the organisation allows; give another --name, or delete one/
  ],
  [
    "somebody who always changes it too",
    when("PUT", /config/, { status: 409 }),
    /^somebody else changes the integration at the same time: let them finish, then run the same command again$/m
  ],
  [
    "a body that is refused",
    when("PUT", /config/, { status: 400, body: '{"message":"kanarie"}' }),
    /^Genesys does not accept what it was sent \(PUT \/api\/v2\/integrations\/\{id\}\/config\/current, status 400\)/m
  ],
  [
    "a wait that is longer than the time",
    when("GET", /integrations$/, { status: 429, headers: { "retry-after": "700" } }),
    /^the rate limit of the OAuth client is used up: wait 300 s, then run the same command again; it goes on/m
  ],
  [
    "an API that fails",
    when("GET", /organizations/, { status: 503 }),
    /^Genesys could not be reached, or failed \(GET \/api\/v2\/organizations\/me\): run the same command again/m
  ],
  [
    "an answer that is none",
    when("GET", /organizations/, { status: 200, body: "{}" }),
    /^the response to GET \/api\/v2\/organizations\/me does not follow the documentation/m
  ],
  [
    "a type that is not offered",
    when("GET", /types\/[a-z-]+$/, { status: 404 }),
    /^the organisation does not offer the integration Amazon EventBridge Source: ask Genesys/m
  ],
  [
    "a schema of others",
    when("GET", /configschemas/, { status: 200, body: '{"properties":{"awsAccountId":{}}}' }),
    /^the organisation's integration does not know awsAccountRegion, eventSourceSuffix, eventFilter: make it by hand/m
  ],
  [
    "no topic that can go",
    when("GET", /availabletopics/, {
      status: 200,
      body: topic({ id: "v2.users.{id}.activity", transports: ["Websocket"] })
    }),
    /^none of the topics of stack prod can go to EventBridge/m
  ],
  ["as many as there may be", { maxInstances: 0 }, /^the organisation allows 0 integrations of the type/m],
  [
    "half of the credentials",
    { environment: { GENESYSCLOUD_OAUTHCLIENT_ID: CLIENT.clientId, GENESYSCLOUD_REGION: "eu-central-1" } },
    /^GENESYSCLOUD_OAUTHCLIENT_ID is set without GENESYSCLOUD_OAUTHCLIENT_SECRET: set both/m
  ],
  [
    "no credentials",
    { environment: { GENESYSCLOUD_REGION: "eu-central-1" } },
    /^no credentials of Genesys Cloud: set .* or give --credentials-secret NAME/m
  ],
  ["no region", { environment: {} }, /^where is the organisation\? give --domain/m],
  [
    "a region that is none",
    { environment: { ...ENVIRONMENT, GENESYSCLOUD_REGION: "eu-middle-1" } },
    /^GENESYSCLOUD_REGION "eu-middle-1" is no region of Genesys Cloud: give one of us-east-1, .* or its domain$/m
  ],
  [
    "topics that are none",
    { settings: { topics: '["voice"]' } },
    /^stack prod: topics has "voice" is no Genesys topic/m
  ],
  ["a list that is none", { settings: { topics: "voice" } }, /^stack prod: topics must be a list of texts/m],
  ["a stack without a region", { settings: { "aws:region": "" } }, /^stack prod says no region: set it with/m],
  [
    "a stack that lives on copies",
    { settings: { existingBusArn: "arn:aws:events:eu-central-1:444455556666:event-bus/copies" } },
    /^stack prod takes its events from existingBusArn: connect the stack whose bus copies them, or remove that key$/m
  ],
  [
    "a source of another organisation",
    { settings: { genesysEventSource: "aws.partner/genesys.com/cloud/other/projections-prod" } },
    /^the credentials are of the organisation 5ca1ab1e-.*, and genesysEventSource of stack prod is one of other: use/m
  ],
  [
    "no right on AWS",
    { policy: { Statement: { Effect: "Deny", Action: "events:*", Resource: "*" } } },
    /^event sources of partners: account: AccessDeniedException: sign in as a role with the rights/m
  ]
]

describe("connect says what to do about", () => {
  it.each(REFUSALS)("%s", async (_, options, sentence) => {
    const { code, out, err } = await ended(options)
    assert.deepStrictEqual([code, out], [1, ""])
    assert.match(err, sentence)
    assert.notInclude(err.toLowerCase(), "kanarie")
  })

  it.each([
    [["--domain", "nowhere"], /^--domain "nowhere" is no region of Genesys Cloud/m],
    [["--endpoint", "http://example.com"], /^--endpoint must be an origin such as https:/m],
    [["--suffix", "a b"], /^the suffix "a b" must be 1 to 64 letters/m],
    [
      ["--timeout", "soon"],
      /^--timeout must be a duration such as 90s, 10m or 1h, or a number of seconds, not "soon"$/m
    ],
    [["--yes"], /add --why "reason"/],
    [["--check", ...YES], /^--check changes nothing: leave --yes out$/m],
    [["--yes", "--dry-run"], /contradict each other/]
  ])("the flags %j", async (flags, sentence) => {
    const { code, err } = await ended({}, ...flags)
    assert.strictEqual(code, 1)
    assert.match(err, sentence)
  })

  it("an integration of others that has its suffix, or its name", async () => {
    const place = makePlace()
    await place.command("connect", ...YES)
    place.settings.set("aws:region", "eu-west-1")
    const elsewhere = await place.command("connect")
    assert.match(elsewhere.err, /has the suffix projections-prod already, for account 444455556666 in eu-central-1/)
    place.settings.set("aws:region", "eu-central-1")
    const named = await place.command("connect", "--suffix", "second")
    assert.match(
      named.err,
      /has the suffix projections-prod: give --suffix projections-prod to use it, or another --name/
    )
    const second = await place.command("connect", "--suffix", "second", "--name", "Second", ...YES)
    assert.strictEqual(second.code, 0, second.err)
    assert.lengthOf(await place.held(), 2)
  })
})

describe("connect waits", () => {
  it("as long as Genesys asks for, and goes on", async () => {
    const retry = when("POST", /integrations$/, { status: 429, headers: { "retry-after": "30" } }, 2)
    const { code, err, place } = await ended(retry)
    assert.strictEqual(code, 0, err)
    assert.lengthOf(await place.held(), 1)
  })

  it("for nobody who changes the configuration once in between, and writes over their version", async () => {
    const { code, err, place } = await ended(when("PUT", /config/, { status: 409 }, 1))
    assert.strictEqual(code, 0, err)
    assert.strictEqual((await place.held())[0]?.state, "ACTIVE")
  })
})

describe("the credentials", () => {
  it("[P11] come from the environment or a secret, and are never told", async () => {
    const region = { GENESYSCLOUD_REGION: "mypurecloud.de" }
    const told: Array<string> = []
    for (const [options, flags] of [
      [{}, []],
      [{ environment: region, secret: JSON.stringify(CLIENT) }, ["--credentials-secret", SECRET]],
      [
        {
          environment: {},
          secret: JSON.stringify(CLIENT),
          settings: { genesysCredentialsSecret: SECRET, genesysDomain: "eu-central-1" }
        },
        []
      ],
      [{ environment: region, secret: "kanarie is no JSON" }, ["--credentials-secret", SECRET]],
      [{ environment: region, secret: '{"clientId":"kanarie"}' }, ["--credentials-secret", SECRET]],
      [when("POST", /token/, { status: 400, body: `{"error":"${CLIENT.clientSecret}"}` }), []],
      [when("GET", /integrations/, { status: 500, body: `${CLIENT.clientId} ${CLIENT.clientSecret}` }), []]
    ] as ReadonlyArray<readonly [PlaceOptions, ReadonlyArray<string>]>) {
      const place = makePlace(options)
      for (const args of [
        ["connect", "--json"],
        ["connect", ...YES],
        ["connect", "--check"],
        ["disconnect", ...YES]
      ]) {
        const { out, err } = await place.command(...args, ...flags)
        told.push(out, err)
      }
      told.push(JSON.stringify(await place.held()), JSON.stringify([...place.settings]))
      if (options.secret === JSON.stringify(CLIENT)) assert.include(place.secretsAsked, SECRET)
    }
    const all = told.join("\n")
    assert.include(all, "the secret must hold the JSON object { clientId, clientSecret }")
    assert.include(all, "is disconnected")
    const basic = Buffer.from(`${CLIENT.clientId}:${CLIENT.clientSecret}`).toString("base64")
    for (const word of ["kanarie", basic, "Bearer"]) assert.notInclude(all, word)
  })

  it("cannot be given on the command line", async () => {
    for (const flag of ["--client-id", "--client-secret", "--credentials", "--secret"]) {
      const { code, err } = await ended({}, flag, "x")
      assert.strictEqual(code, 1)
      assert.match(err, /Unrecognized flag/)
    }
  })
})
