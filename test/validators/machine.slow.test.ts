import aslValidator from "asl-validator"
import { assert, describe, it } from "vitest"
import { stacks } from "./stacks.ts"

const faultsOf = (definition: unknown): string => {
  const { isValid, errorsText } = aslValidator(definition, { checkPaths: true, checkArn: true })
  return isValid ? "" : errorsText()
}

const machines = async () =>
  (await stacks()).flatMap(({ name, captured }) =>
    captured.resources
      .filter(({ type }) => type === "aws:sfn/stateMachine:StateMachine")
      .map(({ inputs }) => ({ name, definition: JSON.parse(String(inputs.definition)) }))
  )

describe("the state machine of every stack, by asl-validator", () => {
  it("is a definition of Amazon States Language", async () => {
    const found = await machines()
    assert.isAbove(found.length, 3)
    for (const { name, definition } of found) assert.strictEqual(faultsOf(definition), "", name)
  })

  it("would be refused with a state that is nowhere, or a word that no state has", async () => {
    const [machine] = await machines()
    const map = machine?.definition.States.Segments
    const fold = map.ItemProcessor.States.Fold
    const changed = (state: object) => ({
      ...machine?.definition,
      States: {
        Segments: {
          ...map,
          ItemProcessor: { ...map.ItemProcessor, States: { ...map.ItemProcessor.States, Fold: state } }
        }
      }
    })
    assert.strictEqual(faultsOf(changed(fold)), "")
    assert.notStrictEqual(faultsOf(changed({ ...fold, Next: "Nowhere" })), "")
    assert.notStrictEqual(faultsOf(changed({ ...fold, Retries: [] })), "")
    assert.notStrictEqual(faultsOf(changed({ ...fold, ResultPath: "last" })), "")
  })
})
