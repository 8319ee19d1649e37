import { createRoot } from "react-dom/client";
import { App } from "./app.jsx";
import { queryClient } from "./queries.js";
import { session } from "./session.js";

createRoot(document.getElementById("root")).render(<App />);
Object.assign(globalThis, { session, queryClient });
