import { createHash, createHmac } from "node:crypto"
import { Agent, type IncomingMessage, request } from "node:http"

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest()

/**
 * Calls of DynamoDB without an SDK: a request, its signature by version 4, and the text of the answer. As little as a caller can do, and so
 * the floor under all clients. It tries nothing again, and knows no answer but 200.
 */
export const handSigned = (endpoint: string, env: NodeJS.ProcessEnv) => {
  const { hostname, port, host } = new URL(endpoint)
  const { AWS_REGION: region = "", AWS_ACCESS_KEY_ID: id = "", AWS_SECRET_ACCESS_KEY: secret = "" } = env
  const token = env.AWS_SESSION_TOKEN ?? ""
  const agent = new Agent({ keepAlive: true, maxSockets: 50 })
  let signing: { readonly day: string; readonly key: Buffer } = { day: "", key: Buffer.alloc(0) }
  const keyOf = (day: string): Buffer => {
    if (signing.day !== day) {
      const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, day), region), "dynamodb"), "aws4_request")
      signing = { day, key }
    }
    return signing.key
  }

  return async (operation: string, input: unknown): Promise<unknown> => {
    const body = JSON.stringify(input)
    const time = `${new Date().toISOString().replace(/[-:]|\.\d{3}/g, "")}`
    const headers = {
      "content-type": "application/x-amz-json-1.0",
      host,
      "x-amz-date": time,
      "x-amz-security-token": token,
      "x-amz-target": `DynamoDB_20120810.${operation}`
    }
    const names = Object.keys(headers).join(";")
    const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`)
    const canonical = `POST\n/\n\n${lines.join("")}\n${names}\n${sha256(body)}`
    const scope = `${time.slice(0, 8)}/${region}/dynamodb/aws4_request`
    const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`
    const signature = hmac(keyOf(time.slice(0, 8)), text).toString("hex")
    const authorization = `AWS4-HMAC-SHA256 Credential=${id}/${scope}, SignedHeaders=${names}, Signature=${signature}`
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const length = Buffer.byteLength(body)
      request({
        agent,
        hostname,
        port,
        method: "POST",
        headers: { ...headers, authorization, "content-length": length }
      })
        .on("response", resolve)
        .on("error", reject)
        .end(body)
    })
    const chunks: Array<Buffer> = []
    for await (const chunk of answer) chunks.push(chunk)
    if (answer.statusCode !== 200) throw new Error(`${operation} was answered by ${answer.statusCode}`)
    return JSON.parse(Buffer.concat(chunks).toString())
  }
}
