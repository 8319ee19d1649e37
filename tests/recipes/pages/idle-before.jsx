import { createRoot } from "react-dom/client";
import { IdleDialog } from "./before.jsx";

globalThis.signOuts = 0;
createRoot(document.getElementById("root")).render(<IdleDialog onSignOut={() => globalThis.signOuts++} />);
