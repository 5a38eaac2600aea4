import { render } from "preact"

render(<p>Wallboard</p>, document.body)
