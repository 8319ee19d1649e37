import assert from "node:assert/strict";
import { createRequire } from "node:module";

const { source } = createRequire(import.meta.url)("axe-core");

/** Fails where axe finds something to complain of in the page as it is now, its frames included. */
export async function assertAccessible(page, where) {
  for (const frame of page.frames()) await frame.evaluate(source);
  const violations = await page.evaluate(async () => {
    const { violations } = await axe.run(document, { resultTypes: ["violations"] });
    return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ target, failureSummary }) => `${target.join(" ")} ${failureSummary}`).join("; ")}`);
  });
  assert.deepEqual(violations, [], where);
}
