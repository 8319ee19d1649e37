const SIBLINGS = 6;

const sum = (numbers) => numbers.reduce((total, each) => total + each, 0);

export const tabs = {
  id: "tabs",
  title: "Seven tabs",
  about: "Six more tabs of this session are opened, as frames of this page. Seven tabs need no more renewals than one.",
  steps: 5,

  async play(stage) {
    await stage.signedIn();
    stage.needsOneTab();
    const { session } = stage;
    const siblings = stage.openSiblings(SIBLINGS);
    await stage.step("Six more tabs, each with a session, a module and locks of its own.", "siblings");
    await stage.until("seven tabs that know of each other", () =>
      session.snapshot().tabs === SIBLINGS + 1 && siblings.every((each) => each.session?.state === "active"));
    const handedOver = siblings.every(({ asked }) => asked === 0);
    await stage.step("They are signed in. They took the token over from this tab, in memory, and asked the server for nothing.", "siblings");

    // What was on its way is not counted.
    await stage.until("no renewal on its way", () => !session.snapshot().renewing);
    const asked = () => stage.sent("/auth/refresh").length + sum(siblings.map((each) => each.asked));
    const before = asked();
    const heardBefore = stage.ofType("renewed").length;
    const renewed = () => stage.ofType("renewed").length - heardBefore;
    if (stage.lifetimeMs > 60_000) await siblings[0].session.renew();
    await stage.until("a renewal", () => renewed() >= 1);
    if (stage.lifetimeMs > 60_000) await siblings[1].session.renew();
    await stage.step("One tab renews, whichever comes first, and hands the token to the others.", "siblings");
    await stage.until("another renewal", () => renewed() >= 2);
    const end = (each) => each.session.snapshot().tokenExpiresAt;
    // Each tab has its own idea of the server's clock, within a fraction of a second.
    await stage.until("every tab to have it", () => siblings.every((each) => Math.abs(end(each) - end(stage)) < 1500));
    const [count, requests] = [renewed(), asked() - before];

    siblings.slice(0, SIBLINGS / 2).forEach((each) => each.close());
    await stage.step("Three of them are closed. The others know it at once.", "siblings");
    await stage.until("four tabs", () => session.snapshot().tabs === SIBLINGS / 2 + 1);
    await session.renew();
    await stage.step("The four that are left go on.", "siblings");

    stage.check("Six new tabs asked the server for nothing.", handedOver);
    stage.check(`${count} renewals for seven tabs were ${requests} requests.`, count === requests);
    stage.check("Tabs that are gone are missed at once.", session.snapshot().tabs === SIBLINGS / 2 + 1);
    stage.check("All tabs are signed in.", session.state === "active" && siblings.slice(SIBLINGS / 2).every((each) => each.session.state === "active"));
  },
};
