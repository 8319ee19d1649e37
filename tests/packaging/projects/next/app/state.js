"use client";

import { useEffect, useState } from "react";
import { createSession } from "sessionkeeper";
import { useIdleWarning, useSession } from "sessionkeeper/react";
import { useIt } from "../use-it.js";

export function State() {
  const { state, session } = useSession();
  const { warning } = useIdleWarning();
  const [outcome, setOutcome] = useState("nothing yet");
  useEffect(() => {
    if (session) useIt(createSession).then((outcome) => setOutcome(JSON.stringify(outcome)));
  }, [session]);
  return (
    <>
      <p id="state">{state}</p>
      <p>{warning ? "Still there?" : "Welcome"}</p>
      <output>{outcome}</output>
    </>
  );
}
