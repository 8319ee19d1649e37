// The inspector, as applications use it. Compiled, never run.

import { createSession, type AuditEntry, type Session, type SessionState } from "sessionkeeper";
import { defineInspector, type Inspection, type SessionInspector } from "sessionkeeper/inspector";

const Inspector: (new () => SessionInspector) | undefined = defineInspector();
defineInspector("my-inspector");

const element: SessionInspector = document.createElement("session-inspector");
const found: SessionInspector | null = document.querySelector("session-inspector");
if (Inspector) document.body.append(new Inspector());

const session: Promise<Session> = createSession({ refresh: "/auth/refresh" });
element.session = session;
element.session = await session;
element.session = null;
// @ts-expect-error: a text is no session.
element.session = "session";

const inspection: Inspection = element.export();
const withClaims: Inspection = element.export({ claims: true });
const version: 1 = inspection.version;
const state: SessionState | undefined = inspection.snapshot?.state;
const entries: readonly AuditEntry[] = withClaims.history;
const lines: readonly string[] | null = inspection.recording;

export const shown = [found, version, state, entries, lines];
