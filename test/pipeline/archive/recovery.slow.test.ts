import { assert, describe, it } from "vitest"
import { EventStore } from "../../../src/store/event-store.ts"
import { noise, routingEvent } from "../../store/events.ts"
import { arn, PRINCIPAL } from "../../store/permissive.ts"
import { DAY, makeCold } from "../../support/cold.ts"

const ids = (prefix: string, count = 6) => Array.from({ length: count }, (_, n) => `${prefix}-${n}`)

describe("a drill: the event table is recovered to a point in time, under another name", () => {
  it("[P8] every event of before that point, and every archived one, is read once; bodies in S3 match; and weeks leave again", async () => {
    const cold = await makeCold()
    await cold.tick()
    await cold.append(...ids("old"))
    const large = routingEvent("large", { unknown: noise(900_000) }, {}, cold.clock.now())
    await cold.run(EventStore.use((store) => store.append([large])))
    await cold.weeks(1)
    await cold.append(...ids("middle"))
    await cold.pass(DAY)
    const kept = [...ids("old"), ...ids("middle"), "large"].toSorted()

    // The point: everything until now. Later events and the first week's departure come after it.
    const { Items = [] } = (await cold.dynamodb.service("Scan", { TableName: "events" }, PRINCIPAL)) as {
      Items?: ReadonlyArray<Record<string, unknown>>
    }
    await cold.append(...ids("late"))
    await cold.weeks(6)
    assert.deepStrictEqual(await cold.readAll(), [...kept, ...ids("late")].toSorted())
    assert.notInclude(await cold.inTable(), "old-0")

    await cold.dynamodb.createTable({
      name: "recovered",
      arn: arn("dynamodb", "table/recovered"),
      hashKey: { name: "id", type: "S" }
    })
    for (const Item of Items)
      await cold.dynamodb.service("PutItem", { TableName: "recovered", Item } as never, PRINCIPAL)
    cold.use("recovered")
    // The first weeks are in the table again, and in the archive: each is read once. Of the weeks that are not archived, what came later is not there.
    const read = await cold.readAll()
    assert.deepStrictEqual(new Set(read).size, read.length)
    for (const id of kept) assert.include(read, id)
    // Late events are archived with their week, so not even they are lost.
    for (const id of ids("late")) assert.include(read, id)
    await cold.append(...ids("after"))
    await cold.weeks(10)
    assert.deepStrictEqual(await cold.readAll(), [...kept, ...ids("late"), ...ids("after")].toSorted())
    assert.notInclude(await cold.inTable(), "old-0")
    assert.notInclude(await cold.inTable(), "large")
  })
})
