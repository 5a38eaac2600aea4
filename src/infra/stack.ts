import * as pulumi from "@pulumi/pulumi"
import type { StackConfig } from "./config.ts"
import { ConfigError, decodeConfig } from "./decode-config.ts"
import type { Tags } from "./tags.ts"

/** The configuration of the running stack. A faulty one stops the program with its faults and no stack trace. */
export const loadConfig = (): StackConfig => {
  const own = `${pulumi.getProject()}:`
  const record = Object.fromEntries(
    Object.entries(pulumi.runtime.allConfig())
      .filter(([key]) => key.startsWith(own))
      .map(([key, value]) => [key.slice(own.length), value])
  )
  try {
    return decodeConfig(record, regionOfStack())
  } catch (error) {
    if (error instanceof ConfigError) throw new pulumi.RunError(`${pulumi.getStack()}: ${error.message}`)
    throw error
  }
}

/** The region that the stack is made in; empty when only the environment of the deployment knows it. */
export const regionOfStack = (): string => pulumi.runtime.allConfig()["aws:region"] ?? ""

/** What sets this stack's resources apart from those of another stack in the same account. */
export const identity = (): { readonly prefix: string; readonly tags: Tags } => ({
  prefix: `${pulumi.getProject()}-${pulumi.getStack()}`,
  tags: { Project: pulumi.getProject(), Stack: pulumi.getStack() }
})
