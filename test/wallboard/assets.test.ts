import { readFileSync } from "node:fs"
import { gzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { bundleAssets } from "../../src/wallboard/assets.ts"

/** What the page may weigh, bytes, as it is sent and compressed: see docs/one-machine.md. */
const BOUNDS = { "/page.js": [125_000, 52_000], "/page.css": [20_000, 6_000], "/": [1_000, 600] } as const

describe("the page", () => {
  it("stays small, and names nothing outside", async () => {
    const assets = await bundleAssets()
    for (const [path, [plain, compressed]] of Object.entries(BOUNDS)) {
      const body = assets.get(path)?.body ?? assert.fail(path)
      assert.isAbove(body.length, 100, path)
      assert.isAtMost(body.length, plain, path)
      assert.isAtMost(gzipSync(body).length, compressed, path)
      // Names of XML vocabularies are no addresses that anybody asks.
      const outside = Buffer.from(body)
        .toString()
        .match(/(?:https?:)?\/\/(?!www\.w3\.org\/)[a-z0-9-]+\.[a-z]{2,}/gi)
      assert.isNull(outside, path)
    }
  })
})

type Colour = readonly [red: number, green: number, blue: number]

const css = readFileSync(new URL("../../src/wallboard/page/style/ground.css", import.meta.url), "utf8")

/** The custom properties of a theme that are colours, linear 0 to 1. */
const coloursOf = (block: string): ReadonlyMap<string, Colour> =>
  new Map(
    [...block.matchAll(/--(\w+): #([0-9a-f]{6});/g)].map(([, name = "", hex = ""]) => [
      name,
      [0, 2, 4].map((at) => {
        const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
        return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
      }) as unknown as Colour
    ])
  )

const blockOf = (selector: string): string => {
  const from = css.indexOf(`${selector} {`)
  return css.slice(from, css.indexOf("}", from))
}

const themes = { dark: coloursOf(blockOf(":root")), light: coloursOf(blockOf(':root[data-theme="light"]')) }

const luminance = ([red, green, blue]: Colour) => 0.2126 * red + 0.7152 * green + 0.0722 * blue

const contrast = (a: Colour, b: Colour) => {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((one, other) => one - other)
  return (high + 0.05) / (low + 0.05)
}

/** How colours look to who lacks one of the three kinds of cones, on linear colours: Machado, Oliveira and Fernandes, 2009. */
const SIGHTS: Readonly<Record<string, ReadonlyArray<Colour>>> = {
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998]
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881]
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039]
  ]
}

const seen = (colour: Colour, sight: ReadonlyArray<Colour>): Colour =>
  sight.map(([r, g, b]) => Math.min(1, Math.max(0, r * colour[0] + g * colour[1] + b * colour[2]))) as unknown as Colour

/** CIE L*a*b* of a linear colour, by the white of daylight. */
const lab = ([r, g, b]: Colour): Colour => {
  const f = (t: number) => (t > 216 / 24_389 ? Math.cbrt(t) : (24_389 / 27 / 116) * t + 16 / 116)
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505)
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b)
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089)
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}

const distance = (a: Colour, b: Colour) => Math.hypot(...lab(a).map((value, i) => value - (lab(b)[i] ?? 0)))

const TONES = ["good", "busy", "other", "warn", "bad", "odd", "dim"] as const

/** Tones that lie side by side and say something different: what is well, what goes on, what is long, what is too long. */
const APART = [
  ["good", "warn"],
  ["good", "bad"],
  ["good", "busy"],
  ["busy", "warn"],
  ["busy", "bad"],
  ["warn", "bad"]
] as const

describe.each(Object.entries(themes))("the colours of the %s theme", (_, colours) => {
  const colour = (name: string) => colours.get(name) ?? assert.fail(name)

  it("are read with a contrast of AA on every ground, as text and as the ground of text", () => {
    for (const ground of ["ground", "surface", "raised"])
      for (const text of ["text", "muted", ...TONES])
        assert.isAtLeast(contrast(colour(text), colour(ground)), 4.5, `${text} on ${ground}`)
    for (const ground of ["ground", "surface"])
      assert.isAtLeast(contrast(colour("control"), colour(ground)), 3, `the edge of a field on ${ground}`)
  })

  it("are told apart by who does not see one of the primary colours", () => {
    for (const [name, sight] of Object.entries(SIGHTS))
      for (const [a, b] of APART)
        assert.isAtLeast(distance(seen(colour(a), sight), seen(colour(b), sight)), 12, `${a} and ${b}, ${name}`)
  })
})
