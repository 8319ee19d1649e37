import { createSession } from "sessionkeeper";
import { useIt } from "./use-it.js";

useIt(createSession).then((outcome) => {
  document.querySelector("output").textContent = JSON.stringify(outcome);
});
