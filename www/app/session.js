import { createSession } from "/pkg/index.js";

/**
 * The session of this page.
 *
 * The address may carry `?lead=2s&jitter=0`: how long before the expiry a renewal starts, and by
 * which share of that it may start earlier at random. Both are passed on as `renewal`.
 */
export function openSession() {
  const query = new URLSearchParams(location.search);
  const renewal = {};
  if (query.has("lead")) renewal.lead = query.get("lead");
  if (query.has("jitter")) renewal.jitter = Number(query.get("jitter"));
  return createSession({ refresh: "/auth/refresh", logout: "/auth/logout", renewal });
}
