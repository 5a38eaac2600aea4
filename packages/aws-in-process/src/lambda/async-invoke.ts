import { refuseUnknown, whole } from "../core/settings.ts"
import { type EngineClock, ServiceError } from "../core/types.ts"
import type { Host } from "./host.ts"

/** Who may invoke a function, as `aws.lambda.Permission` says it. */
export interface PermissionSettings {
  readonly statementId?: string
  readonly action: string
  /** Name or ARN. */
  readonly function: string
  readonly principal: string
  readonly sourceArn?: string
  readonly sourceAccount?: string
}

/** How a function is invoked by whoever does not wait for it, as `aws.lambda.FunctionEventInvokeConfig` says it. */
export interface AsyncSettings {
  readonly functionName: string
  readonly maximumRetryAttempts?: number
  readonly maximumEventAgeInSeconds?: number
}

/** A function that is invoked asynchronously: the caller gets no result. */
export interface AsyncFunction {
  /** Takes an event over on behalf of a rule. Throws `AccessDeniedException` when no permission lets the rule in. */
  readonly invoke: (ruleArn: string, event: unknown) => void
  /** Events that it has taken over and is not done with. */
  readonly waiting: () => number
}

const FIRST_RETRY_MS = 60_000
const FIRST_BACKOFF_MS = 1_000
const LONGEST_BACKOFF_MS = 300_000

const allows = (permission: PermissionSettings, { arn, name }: Host, ruleArn: string): boolean =>
  permission.action === "lambda:InvokeFunction" &&
  permission.principal === "events.amazonaws.com" &&
  [arn, name].includes(permission.function) &&
  (permission.sourceArn === undefined || permission.sourceArn === ruleArn) &&
  (permission.sourceAccount === undefined || permission.sourceAccount === ruleArn.split(":")[4])

/**
 * Lambda's own queue before a function: an event that the function has no room for waits and backs off until it is too old, one that
 * the function fails is tried again after one and two minutes, and what is given up is gone, for no destination is implemented.
 */
export const makeAsyncFunction = (
  host: Host,
  permissions: ReadonlyArray<PermissionSettings>,
  settings: AsyncSettings | undefined,
  clock: EngineClock
): AsyncFunction => {
  for (const permission of permissions)
    refuseUnknown(
      `permission on ${host.name}`,
      permission,
      ["action", "function", "principal", "sourceArn", "sourceAccount"],
      ["statementId", "region"]
    )
  refuseUnknown(
    `asynchronous invocation of ${host.name}`,
    settings ?? {},
    ["functionName", "maximumRetryAttempts", "maximumEventAgeInSeconds"],
    ["region"]
  )
  const maxRetries = whole("maximumRetryAttempts", settings?.maximumRetryAttempts ?? 2, 0, 2)
  const maxAge = whole("maximumEventAgeInSeconds", settings?.maximumEventAgeInSeconds ?? 21_600, 60, 21_600) * 1_000
  let waiting = 0

  const attempt = async (event: unknown, accepted: number, failures: number, throttles: number): Promise<void> => {
    const outcome = await host.invoke(event)
    if (outcome.ok) return
    const wait = outcome.throttled
      ? Math.min(FIRST_BACKOFF_MS * 2 ** throttles, LONGEST_BACKOFF_MS)
      : FIRST_RETRY_MS * (failures + 1)
    if (!outcome.throttled && failures >= maxRetries) return
    if (clock.now() + wait > accepted + maxAge) return
    await new Promise<void>((resolve) => clock.at(clock.now() + wait, resolve))
    return outcome.throttled
      ? attempt(event, accepted, failures, throttles + 1)
      : attempt(event, accepted, failures + 1, throttles)
  }

  return {
    invoke: (ruleArn, event) => {
      if (!permissions.some((permission) => allows(permission, host, ruleArn)))
        throw new ServiceError("AccessDeniedException", `no permission lets ${ruleArn} invoke ${host.name}`, 403)
      waiting++
      void attempt(event, clock.now(), 0, 0).finally(() => {
        waiting--
      })
    },
    waiting: () => waiting
  }
}
