import { createSession } from "/pkg/index.js";
import { chosenPolicy } from "./policy.js";

/**
 * The session of this page.
 *
 * The address may carry `?lead=2s&jitter=0`: how long before the expiry a renewal starts, and by
 * which share of that it may start earlier at random. Both are passed on as `renewal`. What it may say
 * of the policy stands in policy.js; the policy is looked up with each sign-in, when it may have become another.
 */
export function openSession() {
  const query = new URLSearchParams(location.search);
  const renewal = {};
  if (query.has("lead")) renewal.lead = query.get("lead");
  if (query.has("jitter")) renewal.jitter = Number(query.get("jitter"));
  return createSession({
    // The sample server does not count a renewal as activity where it is told of the last.
    refresh: { url: "/auth/refresh", idleHeader: "Idle-Seconds" },
    logout: "/auth/logout",
    revocation: { eventsUrl: "/auth/events" },
    policy: (claims) => chosenPolicy(claims),
    renewal,
    // For the operator's questions, and for those who want to run it again.
    audit: { url: "/audit", recording: true },
  });
}
