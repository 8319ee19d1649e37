// What a request is made of reaches the API as it was, with the token, and again after a renewal.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startApi } from "../support/api.mjs";
import { openApiPage } from "../support/api-page.mjs";
import { eventually } from "../support/eventually.mjs";

const BEARER = /^Bearer [\w-]+\.[\w-]+\.[\w-]+$/;

export function passing(browser, name) {
  const test_ = (title, act) => test(`${title}, in ${name}`, act);

  test_("bodies of every kind are sent, and sent again after one renewal", async (t) => {
    const { page, api, renewals } = await openApiPage(t, browser());
    let first;
    api.refuses = (authorization) => authorization === (first ??= authorization);
    const statuses = await page.evaluate(async (address) => {
      const bytes = new TextEncoder().encode("bytes");
      const form = new FormData();
      form.append("name", "value");
      form.append("file", new File(["content"], "file.txt", { type: "text/plain" }));
      const bodies = {
        text: "text", blob: new Blob(["blob"], { type: "a/b" }), form, parameters: new URLSearchParams({ a: "b" }),
        buffer: bytes.buffer, view: bytes.subarray(1, 3), large: "x".repeat(1 << 20),
      };
      await mayRenew();
      const calls = Object.entries(bodies).map(([kind, body]) => send(`${address}/${kind}`, { method: "POST", body }));
      calls.push(send(new Request(`${address}/request`, { method: "PATCH", body: "{}", headers: { "content-type": "c/d" } })));
      calls.push(send(new Request(`${address}/both`, { method: "POST", body: "old" }), { method: "PUT", body: "new", headers: { "x-own": "1" } }));
      calls.push(send(new URL(`${address}/url`)));
      return Promise.all(calls.map(outcome));
    }, api.address);
    assert.deepEqual(statuses, Array(10).fill(200));
    assert.equal(renewals(), 1);
    const expected = { text: "text", blob: "blob", parameters: "a=b", buffer: "bytes", view: "yt", large: "x".repeat(1 << 20), request: "{}", both: "new", url: "" };
    for (const kind of [...Object.keys(expected), "form"]) {
      const came = api.at(`/${kind}`);
      assert.equal(came.length, 2, kind);
      const [before, after] = came;
      assert.match(after.authorization, BEARER);
      assert.notEqual(before.authorization, after.authorization);
      for (const member of ["method", "body"]) assert.equal(before[member], after[member], `${member} of ${kind}`);
      for (const field of ["content-type", "content-length"]) assert.equal(before.headers[field], after.headers[field], `${field} of ${kind}`);
      if (kind in expected) assert.equal(after.body, expected[kind], kind);
    }
    const type = (kind) => api.at(`/${kind}`)[1].headers["content-type"];
    assert.deepEqual([type("text"), type("blob"), type("request")], ["text/plain;charset=UTF-8", "a/b", "c/d"]);
    assert.equal(type("parameters"), "application/x-www-form-urlencoded;charset=UTF-8");
    const [, form] = api.at("/form");
    assert.ok(form.body.includes('name="file"; filename="file.txt"') && form.body.includes("content"));
    assert.ok(form.body.includes(/boundary=(\S+)/.exec(type("form"))[1]));
    assert.deepEqual(api.at("/request").map(({ method }) => method), ["PATCH", "PATCH"]);
    assert.deepEqual(api.at("/both").map(({ method, headers }) => [method, headers["x-own"]]), [["PUT", "1"], ["PUT", "1"]]);
    assert.ok(api.preflights.every(({ headers }) => /authorization/.test(headers["access-control-request-headers"])));
  });

  test_("a stream is sent where the browser sends it, and its request not again", async (t) => {
    const { page, api } = await openApiPage(t, browser());
    api.refuses = () => true;
    const [plain, ours] = await page.evaluate(async (address) => {
      const init = () => ({ method: "POST", duplex: "half", body: new Blob(["streamed"]).stream() });
      await mayRenew();
      const headers = { authorization: "Bearer another" };
      return [await outcome(fetch(`${address}/plain`, { ...init(), headers })), await outcome(send(`${address}/ours`, init()))];
    }, api.address);
    assert.equal(ours, plain, "as fetch does");
    assert.equal(api.at("/ours").length, api.at("/plain").length);
    for (const { body } of api.at("/ours")) assert.equal(body, api.at("/plain")[0].body);
  });

  test_("settings are kept: credentials, mode, cache, referrer, redirect, integrity", async (t) => {
    const { page, api, auth } = await openApiPage(t, browser());
    api.answers.set("/moved", (_, response) => response.writeHead(302, { location: "/there" }).end());
    const results = await page.evaluate(async (address) => {
      const call = (path, init) => send(address + path, init).then(({ status, type }) => `${status} ${type}`, ({ name }) => name);
      return {
        omit: await call("/omit", { credentials: "omit" }),
        usual: await call("/usual"),
        include: await call("/include", { credentials: "include", cache: "no-store", referrerPolicy: "no-referrer" }),
        foreign: await call("/foreign", { mode: "same-origin" }),
        blind: await call("/blind", { mode: "no-cors" }),
        manual: await call("/moved", { redirect: "manual" }),
        strict: await call("/moved", { redirect: "error" }),
        forged: await call("/forged", { integrity: "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" }),
        nowhere: await send("//:").catch(({ name }) => name),
        withCredentials: await send(address.replace("//", "//user:password@")).catch(({ name }) => name),
      };
    }, api.address);
    assert.deepEqual(results, {
      omit: "200 cors", usual: "200 cors", include: "200 cors", foreign: "TypeError", blind: "0 opaque",
      manual: "0 opaqueredirect", strict: "TypeError", forged: "TypeError", nowhere: "TypeError", withCredentials: "TypeError",
    });
    const has = (path) => api.at(path)[0].cookie?.includes(`${auth.slice(1)}=`) ?? false;
    assert.deepEqual([has("/omit"), has("/usual"), has("/include")], [false, false, true]);
    const [{ headers }] = api.at("/include");
    assert.equal(headers.referer, undefined);
    assert.match(headers["cache-control"], /no-cache/);
    assert.match(api.at("/usual")[0].headers.referer, /^http:\/\/localhost/);
    assert.equal(api.at("/blind")[0].authorization, undefined, "the browser lets no such request have the field");
    for (const path of ["/omit", "/usual", "/include"]) assert.match(api.at(path)[0].authorization, BEARER);
  });

  test_("the token goes to the allowed addresses alone, also over redirects", async (t) => {
    const { page, api, stage, renewals } = await openApiPage(t, browser());
    const other = await startApi(t);
    other.answers.set("/refuses", (_, response) => response.writeHead(401, { "www-authenticate": 'Bearer error="invalid_token"' }).end());
    const to = (location) => (_, response) => response.writeHead(307, { location }).end();
    api.answers.set("/near", to("/there"));
    api.answers.set("/far", to(`${other.address}/there`));
    api.answers.set("/refused", to(`${other.address}/refuses`));
    const statuses = await page.evaluate(async ({ api, other }) => {
      await mayRenew();
      const calls = ["/api", `${api}/direct`, `${api}/near`, `${api}/far`, `${api}/refused`, `${other}/direct`];
      const init = { method: "POST", body: "body" };
      return Promise.all([...calls.map((address) => outcome(send(address))), outcome(send(`${api}/far`, init))]);
    }, { api: api.address, other: other.address });
    assert.deepEqual(statuses, [200, 200, 200, 200, 401, 200, 200]);
    for (const [{ headers }] of [stage.at("/api"), api.at("/direct"), api.at("/near"), api.at("/there"), api.at("/far")]) {
      assert.match(headers.authorization, BEARER);
    }
    assert.equal(other.requests.length, 4);
    for (const { headers } of other.requests) assert.equal(headers.authorization, undefined);
    assert.deepEqual(other.at("/there").map(({ body }) => body).sort(), ["", "body"]);
    assert.equal(renewals(), 0, "what is refused without a token says nothing of it");
  });

  test_("a caller gives up before, while it waits, during the request, or after a time", async (t) => {
    const { page, api, stage, auth } = await openApiPage(t, browser(), { isSignedIn: false });
    api.answers.set("/slow", () => {});
    const release = stage.hold(`${auth}/refresh`);
    const reasons = await page.evaluate(async (address) => {
      await session.begin(await fetch(`${auth}/login`, { method: "POST" }));
      const result = [await outcome(send(address, { signal: AbortSignal.abort() })), await outcome(send(address, { signal: AbortSignal.abort("own") }))];
      const controller = new AbortController();
      const inFlight = outcome(send(`${address}/slow`, { signal: controller.signal }));
      const asRequest = outcome(send(new Request(`${address}/slow`, { signal: controller.signal })));
      const late = outcome(send(`${address}/slow`, { signal: AbortSignal.timeout(200) }));
      setTimeout(() => controller.abort(), 200);
      result.push(await inFlight, await asRequest, await late);
      return result;
    }, api.address);
    assert.deepEqual(reasons, ["AbortError", "own", "AbortError", "AbortError", "TimeoutError"]);
    const waiting = await page.evaluate(async (address) => {
      const { createSession } = await import("/pkg/index.js");
      globalThis.another = await createSession({ name: "another", refresh: `${auth}/refresh`, requests: { allow: [address] } });
      another.restore();
      const controller = new AbortController();
      const calls = [controller.signal, AbortSignal.timeout(100)].map((signal) => outcome(another.fetch(`${address}/never`, { signal })));
      globalThis.patient = outcome(another.fetch(`${address}/once`));
      controller.abort(new RangeError("enough"));
      return [await Promise.all(calls), another.state, another.metrics().requests];
    }, api.address);
    assert.deepEqual(waiting, [["RangeError", "TimeoutError"], "starting", { authorized: 0, waited: 3, replayed: 0, refused: 0 }]);
    release();
    assert.equal(await page.evaluate(() => patient), 200, "who waited while the session was starting has the token");
    assert.match(api.at("/once")[0].authorization, BEARER);
    assert.deepEqual(api.at("/never"), []);
  });

  test_("an answer can be read as it comes", async (t) => {
    const { page, api } = await openApiPage(t, browser());
    let finish;
    api.answers.set("/stream", (_, response) => {
      response.write("first");
      finish = () => response.end("last");
    });
    const first = await page.evaluate(async (address) => {
      const response = await send(`${address}/stream`);
      globalThis.reader = response.body.getReader();
      return new TextDecoder().decode((await reader.read()).value);
    }, api.address);
    assert.equal(first, "first");
    finish();
    const rest = await page.evaluate(async () => {
      let text = "";
      for (let part = await reader.read(); !part.done; part = await reader.read()) text += new TextDecoder().decode(part.value);
      return text;
    });
    assert.equal(rest, "last");
  });

  test_("what says keepalive arrives though its page goes", async (t) => {
    const { page, stage } = await openApiPage(t, browser());
    stage.answers.set("/bye", () => ({ status: 204 }));
    const release = stage.hold("/bye");
    await page.evaluate(async (bytes) => {
      // The task that sends it is the page's last.
      setTimeout(() => {
        send("/bye", { method: "POST", body: "x".repeat(bytes), keepalive: true });
        location.href = "/away";
      });
    }, 1000);
    await eventually("the last request", () => stage.at("/bye").length);
    release();
    // Otherwise it would be closed, and its server, in the middle of that.
    await eventually("the next page", () => page.evaluate(() => location.pathname === "/away").catch(() => false));
    const [{ method, headers }] = stage.at("/bye");
    assert.deepEqual([method, headers["content-length"]], ["POST", "1000"]);
    assert.match(headers.authorization, BEARER);
  });

  test_("where the token is a cookie, credentials are sent and no field", async (t) => {
    const expiresIn = () => ({ headers: { "content-type": "application/json", "set-cookie": "access=held; HttpOnly; SameSite=Strict; Path=/" }, body: '{"expires_in":600}' });
    const { page, api, renewals } = await openApiPage(t, browser(), { answers: { login: expiresIn, refresh: expiresIn } });
    let refusals = 1;
    api.answers.set("/refuses", (_, response) => response.writeHead(refusals-- > 0 ? 401 : 200).end());
    const results = await page.evaluate(async (address) => {
      await mayRenew();
      const token = await session.accessToken().catch(({ code }) => code);
      const statuses = [await outcome(send(`${address}/me`)), await outcome(send(`${address}/none`, { credentials: "omit" }))];
      return [token, ...statuses, await outcome(send(`${address}/refuses`, { method: "POST", body: "kept" }))];
    }, api.address);
    assert.deepEqual(results, ["ERR_UNAVAILABLE", 200, 200, 200]);
    assert.equal(renewals(), 1);
    for (const { authorization } of api.requests) assert.equal(authorization, undefined);
    const has = (path) => api.at(path).map(({ cookie }) => /(^|; )access=held/.test(cookie));
    assert.deepEqual([has("/me"), has("/none"), has("/refuses")], [[true], [false], [true, true]]);
    assert.deepEqual(api.at("/refuses").map(({ body }) => body), ["kept", "kept"]);
  });

  test_("a refusal that is about something else renews nothing", async (t) => {
    const { page, api, renewals } = await openApiPage(t, browser());
    api.refuses = () => true;
    for (const challenge of ['Bearer error="insufficient_scope", scope="admin"', 'Bearer error="insufficient_user_authentication", acr_values="aal2", max_age=60', 'Bearer error="invalid_request"']) {
      api.challenge = challenge;
      const [status, text] = await page.evaluate(async (address) => {
        await mayRenew();
        const response = await send(`${address}/pay?private=1`);
        return [response.status, await response.text()];
      }, api.address);
      assert.deepEqual([status, text], [401, "refused"]);
    }
    assert.equal(renewals(), 0);
    assert.equal(api.at("/pay").length, 3);
    const { steps, history } = await page.evaluate(() => ({ steps, history: session.history() }));
    assert.deepEqual(steps, [{ acrValues: ["aal2"], maxAge: 60_000, url: `${api.address}/pay?private=1` }]);
    assert.ok(!JSON.stringify(history).includes("private"), "what may be private of an address is not kept");
  });

  test_("what a challenge asks for can be asked of the session as it was told", async (t) => {
    const { page, api } = await openApiPage(t, browser());
    const asked = {
      'acr_values="aal2  aal3 "': { acrValues: ["aal2", "aal3"] },
      'acr_values=" ", max_age=0': { maxAge: 0 },
      'acr_values=aal1, max_age="99999999999"': { acrValues: ["aal1"], maxAge: 99_999_999_999_000 },
    };
    for (const parameters of Object.keys(asked)) {
      api.answers.set("/pay", (_, response) =>
        response.writeHead(401, { "www-authenticate": `Bearer error="insufficient_user_authentication", ${parameters}` }).end());
      assert.equal(await page.evaluate((address) => outcome(send(address)), `${api.address}/pay`), 401);
    }
    const { steps, answers } = await page.evaluate(() => ({ steps, answers: steps.map((detail) => session.satisfies(detail)) }));
    assert.deepEqual(steps, Object.values(asked).map((detail) => ({ ...detail, url: `${api.address}/pay` })));
    assert.deepEqual(answers, [false, false, false]);
  });
}
