import {
  type Activity,
  makeAuthorizer,
  makeEventBridge,
  makeKinesis,
  makeRequestHandler,
  makeS3,
  makeSecretsManager,
  makeSqs,
  type PolicyDocument,
  type Service
} from "aws-in-process"
import type { VirtualClock } from "aws-in-process/clock"
import type { PartnerSource } from "../../../src/simulator/api/integrations.ts"

export const ACCOUNT = "444455556666"
export const REGION = "eu-central-1"
export const SECRET = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:genesys-AbCdEf`

const arn = (resource: string) => `arn:aws:events:${REGION}:${ACCOUNT}:${resource}`
const SQS = { name: "none", arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:none`, url: "https://none" }
const ROLE = `arn:aws:iam::${ACCOUNT}:role/on-call`
const ANYTHING: PolicyDocument = { Statement: { Effect: "Allow", Action: "*", Resource: "*" } }

/** What a deployed stack has on EventBridge. `state` and `takes` are those of its rule: whether it is on, and which source it lets through. */
interface Deployed {
  readonly source: string
  readonly topics: ReadonlyArray<string>
  readonly state?: string
  readonly takes?: string
}

interface AccountOptions {
  readonly clock: VirtualClock
  readonly activity: Activity
  readonly sources: (at: number) => ReadonlyArray<PartnerSource>
  readonly policy: PolicyDocument | undefined
  readonly secret: string | undefined
  /** Wraps every call. */
  readonly around: <A>(call: () => Promise<A>) => Promise<A>
}

/** An AWS account in which nothing is deployed yet: EventBridge, the bucket of the use log, and a secret. */
export const makeAccount = ({ clock, activity, sources, policy, secret = "", around }: AccountOptions) => {
  const { authorize, unused } = makeAuthorizer({ [ROLE]: [policy ?? ANYTHING] })
  const s3 = makeS3({ clock, authorize })
  s3.createBucket("held")
  const secrets = makeSecretsManager([{ name: "genesys", arn: SECRET, value: secret }], { clock, authorize })
  const secretsAsked: Array<string> = []
  let deployed: Deployed | undefined

  const here = () => sources(clock.now()).filter(({ account, region }) => account === ACCOUNT && region === REGION)

  const bridgeOf = (stack: Deployed | undefined) => {
    const bus = stack && { name: stack.source, arn: arn(`event-bus/${stack.source}`), eventSourceName: stack.source }
    const rule = stack && {
      name: "feed-rule",
      arn: arn(`rule/${stack.source}/feed-rule`),
      eventBusName: stack.source,
      eventPattern: JSON.stringify({ source: [stack.takes ?? stack.source], "detail-type": stack.topics }),
      state: stack.state ?? "ENABLED"
    }
    return makeEventBridge(bus ? [bus] : [], rule ? [rule] : [], [], {
      clock,
      authorize,
      kinesis: makeKinesis([], authorize),
      sqs: makeSqs([SQS], { clock, authorize, activity }),
      random: { next: () => 0 },
      partner: { region: REGION, account: ACCOUNT, sources: here }
    })
  }
  let bridge = bridgeOf(undefined)

  const secretsmanager: Service = (operation, input, by) => {
    secretsAsked.push(input.SecretId)
    return secrets.service(operation, input, by)
  }
  const sdk = makeRequestHandler({
    services: { events: (...call) => bridge.service(...call), s3: s3.service, secretsmanager },
    principal: { roleArn: ROLE, label: "on-call" },
    activity
  })
  const handle: typeof sdk.handle = (...call) => around(() => sdk.handle(...call))

  return {
    connection: {
      region: REGION,
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
      requestHandler: { ...sdk, handle }
    },
    unused,
    secretsAsked,
    deploy: (stack: Deployed) => {
      deployed = stack
      bridge = bridgeOf(stack)
    },
    deployed: () => deployed,
    recorded: () => s3.listAll("held", "audit/").length
  }
}
