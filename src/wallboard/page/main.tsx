import "uplot/dist/uPlot.min.css"
import "./style/ground.css"
import "./style/tones.css"
import "./style/head.css"
import "./style/board.css"
import "./style/tools.css"
import "./style/queues.css"
import "./style/agents.css"
import "./style/details.css"
import "./style/wall.css"
import "./style/screens.css"
import { render } from "preact"
import { App } from "./app.tsx"
import { start } from "./stream.ts"

start()
render(<App />, document.body)
