/** How long to wait before connecting again, in ms, until the server says otherwise. */
const AGAIN_MS = 3_000

/** The fields of one event: `event`, `id`, `data`, `retry`. */
const fieldsOf = (block) =>
  Object.fromEntries(
    block.split("\n").map((line) => {
      const [name, ...value] = line.split(": ")
      return [name, value.join(": ")]
    })
  )

/**
 * Follows `/changes` for ever: `EventSource`, but with a token, which a browser's own cannot send. `tokenOf` returns a token that is valid
 * now. `on` is called with the kind and the data of each event. Ends when `signal` is aborted, and rejects when the server refuses the
 * request itself, since the same request would be refused again.
 */
export const follow = async ({ url, tokenOf, on, signal }) => {
  let lastEventId
  let againMs = AGAIN_MS
  const connect = async () => {
    const headers = {
      authorization: `Bearer ${await tokenOf()}`,
      ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId })
    }
    const response = await fetch(url, { headers, signal })
    if (response.status >= 400 && response.status < 500 && response.status !== 429)
      throw Object.assign(new Error(`${response.status}: ${await response.text()}`), { refused: true })
    if (!response.ok || response.body === null) return
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    let text = ""
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      const blocks = (text + value).split("\n\n")
      // What follows the last blank line has not come whole.
      text = blocks.pop() ?? ""
      for (const { event, id, data, retry } of blocks.map(fieldsOf)) {
        if (retry !== undefined) againMs = Number(retry)
        if (event !== undefined) on(event, JSON.parse(data))
        if (id !== undefined) lastEventId = id
      }
    }
  }
  while (!signal.aborted) {
    try {
      await connect()
    } catch (error) {
      if (error.refused && !signal.aborted) throw error
    }
    if (!signal.aborted) await new Promise((done) => setTimeout(done, againMs))
  }
}
