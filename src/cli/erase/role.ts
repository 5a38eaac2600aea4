import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts"
import { Effect } from "effect"
import type { ConnectionSettings, Credentials } from "../../store/connection.ts"
import { usageError } from "../screen.ts"
import type { StackTarget } from "../stack/stack.ts"

/** Whether a target is on AWS, and not on this machine, where nobody has a role. */
const isDeployed = ({ requestHandler, endpoint }: ConnectionSettings): boolean =>
  requestHandler === undefined && endpoint === undefined

/** How AWS shows in its own records which request it was. */
const sessionName = (request: string): string => `erase-${request}`

/** Takes the role for an hour, through `through`, which are the caller's own rights. */
const take = async (through: ConnectionSettings, RoleArn: string, request: string): Promise<Credentials> => {
  const sts = new STSClient({ ...through, maxAttempts: 3 })
  try {
    const { Credentials: taken } = await sts.send(
      new AssumeRoleCommand({ RoleArn, RoleSessionName: sessionName(request) })
    )
    const { AccessKeyId = "", SecretAccessKey = "", SessionToken, Expiration } = taken ?? {}
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      ...(SessionToken && { sessionToken: SessionToken }),
      // The SDK asks again when it is over.
      ...(Expiration && { expiration: Expiration })
    }
  } finally {
    sts.destroy()
  }
}

/**
 * The stack as the role sees it that may erase, which is taken now and again each hour. A folder of this machine stays as it is. Fails where
 * the stack has no such role, or the caller may not take it.
 */
export const asEraser = Effect.fnUntraced(function* (stack: StackTarget, request: string, through = stack.connection) {
  if (!isDeployed(stack.connection)) return stack
  const { eraserRoleArn } = stack.outputs
  if (eraserRoleArn === "")
    return yield* usageError(
      `${stack.name} has no role that may erase: set erasers to those who may take it, and deploy, with pulumi up`
    )
  const credentials = () => take(through, eraserRoleArn, request)
  yield* Effect.tryPromise({
    try: credentials,
    catch: (cause) =>
      usageError(
        `the role ${eraserRoleArn} cannot be taken (${(cause as Error).name}): sign in as one of the erasers that the stack's configuration names`
      )
  })
  return { ...stack, connection: { ...stack.connection, credentials } } satisfies StackTarget as StackTarget
})
