/** Users of the sample server. */
export const ADA = { name: "ada", password: "correct horse battery" };
export const GRACE = { name: "grace", password: "nanoseconds of copper wire" };

/** What the browser prints when a visitor without a session is told so. */
export const NO_SESSION = /status of 401 \(Unauthorized\) \(\S+\/auth\/refresh\)$/;

/** The selector of an element of the sample page. */
export const hook = (id) => `[data-testid="${id}"]`;

/** Resolves when the page shows this state. */
export const showsState = (page, state) => page.locator(`${hook("state")}[data-state="${state}"]`).waitFor();

/** Opens the sample page and waits until it knows that nobody is signed in. */
export async function openSample(page, address, query = "") {
  await page.goto(`${address}/${query}`);
  await showsState(page, "signed-out");
}

/** Fills the form in and sends it. */
export async function submitForm(page, user) {
  await page.fill(hook("username"), user.name);
  await page.fill(hook("password"), user.password);
  await page.click(hook("sign-in"));
}

/** Opens the sample page and signs in through its form. */
export async function signIn(page, address, { user = ADA, query = "" } = {}) {
  await openSample(page, address, query);
  await submitForm(page, user);
  await showsState(page, "active");
  await hasAnswer(page);
}

/** Resolves when the page shows that the API has answered with success. */
export const hasAnswer = (page) => page.locator(hook("api-answer"), { hasText: /^200/ }).waitFor();

/** Lets the page call the API again; resolves to the answer. */
export async function callApi(page) {
  const [response] = await Promise.all([
    page.waitForResponse((response) => response.url().endsWith("/api/me")),
    page.click(hook("call-api")),
  ]);
  return response;
}

/** Arms a fault with the page's panel: `kind` is a value of its list. Resolves when the server has answered. */
export async function armFault(page, kind, { path = "/auth/refresh", length = 1, unit = "requests" } = {}) {
  await page.selectOption(hook("fault-kind"), kind);
  await page.selectOption(hook("fault-path"), path);
  await page.fill(hook("fault-length"), String(length));
  await page.selectOption(hook("fault-unit"), unit);
  await Promise.all([
    page.waitForResponse((response) => response.url().endsWith("/faults") && response.request().method() === "POST"),
    page.click(hook("fault-arm")),
  ]);
}
