import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { collect } from "./collect.ts"
import { formatCorpus } from "./corpus.ts"
import { moduleOf, train } from "./train.ts"

/** Makes a new dictionary: its corpus beside this file, and its module in `src`. `node test/store/dictionary/main.ts NUMBER` */
const number = Number(process.argv[2])
if (!Number.isInteger(number) || number < 1) throw new Error("give the number of the dictionary, such as 2")

const corpus = collect()
const here = import.meta.dirname
const write = (file: string, text: string) => writeFileSync(join(here, file), text, { flag: "wx" })
write(`corpus-${number}.txt`, formatCorpus(corpus))
write(`../../../src/store/aws/dictionary/dictionary-${number}.ts`, moduleOf(train(number, corpus)))
