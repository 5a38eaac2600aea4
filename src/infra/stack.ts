import * as pulumi from "@pulumi/pulumi"
import { type Settings, settingsOf } from "./decode-config.ts"

/** The settings in the configuration of the running stack: its keys in the namespace of the project. */
export const stackSettings = (): Settings => {
  const own = `${pulumi.getProject()}:`
  return settingsOf(
    Object.fromEntries(
      Object.entries(pulumi.runtime.allConfig())
        .filter(([key]) => key.startsWith(own))
        .map(([key, value]) => [key.slice(own.length), value])
    )
  )
}

/** The region that the stack is made in; empty when only the environment of the deployment knows it. */
export const regionOfStack = (): string => pulumi.runtime.allConfig()["aws:region"] ?? ""
