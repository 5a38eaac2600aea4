import * as pulumi from "@pulumi/pulumi"
import { type Settings, settingsOf } from "./decode-config.ts"

/**
 * The settings in the configuration of the running stack: its keys in the namespace of the project. Warns of those that were set as
 * secrets, for what they decide stands in plain text in the state.
 */
export const stackSettings = (): Settings => {
  const own = `${pulumi.getProject()}:`
  const given = Object.entries(pulumi.runtime.allConfig()).filter(([key]) => key.startsWith(own))
  // The library knows them too, and does not export that.
  const sealed: ReadonlyArray<string> = JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS ?? "[]")
  const secret = given.map(([key]) => key).filter((key) => sealed.includes(key))
  if (secret.length > 0)
    void pulumi.log.warn(
      `${secret.join(", ")}: set without --secret, for settings are no secrets: resources, and so the state, hold them in plain text.`
    )
  return settingsOf(Object.fromEntries(given.map(([key, value]) => [key.slice(own.length), value])))
}

/** The region that the stack is made in; empty when only the environment of the deployment knows it. */
export const regionOfStack = (): string => pulumi.runtime.allConfig()["aws:region"] ?? ""
