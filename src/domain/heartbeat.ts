/**
 * What the stack puts on its own stream now and then, so that an idle contact centre can be told from a stuck stack. It
 * states its time (epoch ms) and is no event: it has no id, so that the decoder refuses it like anything else that has none.
 */
export const heartbeatText = (at: number): string => `{"genesys-cloud-projections/heartbeat":${at}}`

const EXACT = /^\{"genesys-cloud-projections\/heartbeat":(\d{13})\}$/

const BYTES = heartbeatText(1_000_000_000_000).length

const decoder = new TextDecoder()

/** The time of a heartbeat (epoch ms); undefined for all other bytes, however alike. */
export const heartbeatTime = (raw: Uint8Array): number | undefined => {
  if (raw.byteLength !== BYTES) return undefined
  const [, at] = EXACT.exec(decoder.decode(raw)) ?? []
  return at === undefined ? undefined : Number(at)
}
