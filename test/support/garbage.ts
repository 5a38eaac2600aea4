import type { SeededRandom } from "aws-in-process/random"
import { corruptions } from "../../src/simulator/chaos.ts"
import { makeRandom } from "../../src/simulator/random.ts"

type Ruin = (bytes: Buffer, random: SeededRandom) => Buffer

const text = (change: (line: string, random: SeededRandom) => string): Ruin => {
  return (bytes, random) => Buffer.from(change(bytes.toString(), random))
}

const inBody = (field: string) => text((line) => line.replace('"eventBody":{', `"eventBody":{${field},`))

const bytesOf = (random: SeededRandom, length: number) => Buffer.from(Array.from({ length }, () => random.int(256)))

/** What can become of a record on its way, by name. Some are still events afterwards. */
const ruins: Readonly<Record<string, Ruin>> = {
  flipped: (bytes, random) => {
    const copy = Buffer.from(bytes)
    for (let i = 1 + random.int(4); i > 0; i--) copy[random.int(copy.length)] = random.int(256)
    return copy
  },
  noise: (_, random) => bytesOf(random, random.int(300)),
  cut: (bytes, random) => bytes.subarray(0, random.int(bytes.length)),
  notText: (bytes, random) => Buffer.concat([bytes, bytesOf(random, 3), Buffer.from([0xff, 0xfe])]),
  huge: inBody('"huge":1e309'),
  long: inBody('"long":9007199254740993'),
  negativeZero: inBody('"zero":-0'),
  loneSurrogate: inBody('"lone":"\\ud800"'),
  prototype: inBody('"__proto__":{"polluted":true}'),
  constructor: inBody('"constructor":{"prototype":{"polluted":true}}'),
  harmlessKeys: inBody('"toString":1,"hasOwnProperty":null,"":{}'),
  twoKeys: inBody('"eventTime":1,"eventTime":2'),
  numberId: text((line) => line.replace(/"id":"[^"]*"/, '"id":7')),
  blankId: text((line) => line.replace(/"id":"[^"]*"/, '"id":"  "')),
  longId: text((line, random) => line.replace(/"id":"[^"]*"/, `"id":"${"i".repeat(2_000 + random.int(100))}"`)),
  wrongDate: text((line) => line.replace(/"timestamp":"[^"]*"/, '"timestamp":"yesterday"')),
  otherContent: text((line, random) => line.replace('"eventBody":{', `"eventBody":{"other":${random.int(3)},`)),
  otherTopic: text((line) => line.replace('"detail-type":"', '"detail-type":"v9.')),
  wrongTypes: text((line) => line.replace(/:"([A-Z_]+)"/g, ":[1]")),
  manyKeys: inBody(`"many":[${"0,".repeat(10_500)}0]`),
  deep: inBody(`"deep":${"[".repeat(5_000)}${"]".repeat(5_000)}`)
}

/** A record as it may come out of the wire: mostly whole, else ruined in one of many ways. */
export const ruined = (line: string, random: SeededRandom): Buffer => {
  const bytes = Buffer.from(line)
  if (random.chance(0.5)) return bytes
  const names = Object.keys(ruins) as [string, ...Array<string>]
  return (ruins[random.pick(names)] as Ruin)(bytes, random)
}

/** One of each way in which a record is no event, by name. */
export const poisons = (line: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(corruptions).map(([name, corrupt]) => [name, corrupt(JSON.parse(line), line, makeRandom(name))])
  )
