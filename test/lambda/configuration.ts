import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Exit, Layer } from "effect"

/** Builds the layer of a function with these environment variables. */
export const buildWith = <A, E>(layer: Layer.Layer<A, E>, env: Readonly<Record<string, string>>) =>
  Layer.build(layer).pipe(
    Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord(env))),
    Effect.scoped,
    Effect.exit
  )

/** That a function starts with `whole`, and names each variable that it lacks. */
export const configurationOf = <A, E>(
  name: string,
  layer: Layer.Layer<A, E>,
  whole: Readonly<Record<string, string>>
) =>
  describe(`the configuration of ${name}`, () => {
    it.effect("is complete with these variables", () =>
      Effect.map(buildWith(layer, whole), (exit) => assert.isTrue(Exit.isSuccess(exit), String(exit)))
    )

    it.effect.each(Object.keys(whole).filter((name) => name !== "AWS_REGION"))("names %s when it is missing", (name) =>
      Effect.map(buildWith(layer, { ...whole, [name]: "" }), (exit) => {
        assert.isTrue(Exit.isFailure(exit))
        assert.include(String(exit), name)
      })
    )
  })
