/**
 * What is exported: what JSON can hold, and no token. An uncertainty that is infinite becomes null.
 *
 * @param {any} session
 * @param {readonly import("../index.js").AuditEntry[]} history
 * @param {{ claims?: boolean }} options
 * @returns {import("../inspector.js").Inspection}
 */
export function inspectionOf(session, history, { claims = false }) {
  const { claims: said, ...snapshot } = session?.snapshot() ?? {};
  const recording = session?.recording?.();
  const inspection = {
    format: "sessionkeeper-inspection",
    version: 1,
    exportedAt: Date.now(),
    snapshot: session ? (claims ? { ...snapshot, claims: said } : snapshot) : null,
    metrics: session?.metrics() ?? null,
    history,
    // A recording has a first line, whatever happened: without any, none is kept.
    recording: recording?.length ? recording : null,
  };
  return JSON.parse(JSON.stringify(inspection));
}

/** Offers it as a file. @param {import("../inspector.js").Inspection} inspection */
export function save(inspection) {
  const address = URL.createObjectURL(new Blob([JSON.stringify(inspection, null, 2)], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `sessionkeeper-${new Date(inspection.exportedAt).toISOString().slice(0, 19).replaceAll(":", "-")}.json`;
  link.click();
  // Not before the browser has taken it.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
