/** What the panel offers to arm, by group: the value, the words, and the kind as `/faults` takes it. */
export const KINDS = {
  "Refuses": [
    ["status-503", "answer 503", { status: { code: 503, when: "before" } }],
    ["retry-after-seconds", "answer 503, Retry-After: 5", { status: { code: 503, retryAfter: { seconds: 5 }, when: "before" } }],
    ["retry-after-date", "answer 429, Retry-After: a date in 5 s", { status: { code: 429, retryAfter: { dateInSeconds: 5 }, when: "before" } }],
    ["status-401", "answer 401, as if the session were over", { status: { code: 401, when: "before" } }],
    ["redirect", "redirect to a login page", { redirect: { when: "before" } }],
  ],
  "Is late": [
    ["delay", "do it, and answer 3 s late", { delay: { ms: 3000, when: "after" } }],
    ["hang", "never answer", { hang: { when: "before" } }],
  ],
  "Loses the answer": [
    ["drop-before", "hang up, and do nothing", { drop: { when: "before" } }],
    ["drop-after", "do it, and hang up without an answer", { drop: { when: "after" } }],
  ],
  "Answers nonsense": [
    ["body-html", "answer 200 with a hotel's login page", { body: { content: "html", when: "before" } }],
    ["body-empty", "answer 200 with nothing", { body: { content: "empty", when: "before" } }],
    ["body-truncated", "answer 200 with half an answer", { body: { content: "truncatedJson", when: "before" } }],
    ["body-wrong", "answer 200 with the wrong types", { body: { content: "wrongTypes", when: "before" } }],
    ["body-huge", "answer 200 with 10 MB of text", { body: { content: "tenMegabytes", when: "before" } }],
    ["body-unending", "answer 200 with half an answer that never ends", { body: { content: "unending", when: "before" } }],
    ["same-token", "hand out the same token again", { sameToken: {} }],
  ],
};

/** Which requests it hits: the path as `/faults` takes it, and the words. */
export const PATHS = {
  "/auth/refresh": "a renewal",
  "/auth/login": "a sign-in",
  "/auth/logout": "a sign-out",
  "/auth/step-up": "a step-up",
  "/api/payments": "a payment",
  "/api/me": "GET /api/me",
  "any": "anything",
};

const CHOICES = Object.values(KINDS).flat();

/** The kind that stands for a value of the panel. */
export const kindOf = (value) => CHOICES.find(([name]) => name === value)[2];

/** What an armed fault does, in words; one that the panel does not offer, in its own. */
export function words({ path, requests, seconds, remainingRequests, remainingSeconds, hits, holding, ...kind }) {
  const known = CHOICES.find(([, , offered]) => JSON.stringify(offered) === JSON.stringify(kind));
  return known ? known[1] : JSON.stringify(kind);
}
