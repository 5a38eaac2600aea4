import { GenesysProjections, projectionsFrom } from "genesys-cloud-projections"

const projections = await projectionsFrom(new URL("./projections.ts", import.meta.url))
const genesys = new GenesysProjections("genesys", { projections, peakEventsPerSecond: 50 })
export default genesys.outputs
