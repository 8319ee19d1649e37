import { createRoot } from "react-dom/client";
import { SessionProvider } from "sessionkeeper/react";
import { IdleDialog } from "./after.jsx";
import { session } from "./session.js";

createRoot(document.getElementById("root")).render(<SessionProvider session={session}><IdleDialog /></SessionProvider>);
globalThis.session = session;
