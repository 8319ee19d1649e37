import { send } from "../requests.js";

export const theft = {
  id: "theft",
  title: "The refresh token was stolen",
  about: "No script can read it, so the server plays the thief: it copies the cookie and renews with the copy, as malware on the device could.",
  steps: 5,

  async play(stage) {
    stage.needsDemonstration();
    await stage.signedIn();
    stage.needsOneTab();
    const { session } = stage;
    const demonstrate = async (address) => (await send(session, "POST", address)).json();
    await stage.until("no renewal on its way", () => !session.snapshot().renewing);
    const { theft } = await demonstrate("/demonstration/theft");
    await stage.step("The thief has a copy of the refresh token. Nobody has noticed, and nobody could.", "app");
    const thief = async () => (await fetch(`/demonstration/theft/${theft}`, { method: "POST", headers: { "x-csrf": "1" } }).then((answer) => answer.json())).status;
    const first = await thief();
    await stage.step("The thief has renewed with it, and is in. But each refresh token is good once, and this page still holds the one that is used up.", "app");
    session.renew().catch(() => {});
    await stage.until("the end of the session", () => stage.ofType("ended").length > 0);
    await stage.step("This page has renewed, too. A token that is used twice was copied: the server ends the session, whoever asks.", "sign-in-form");
    const second = await thief();
    await stage.step("The thief tries again, with the token that it was given. It is out, and has to steal anew.", "sign-in-form");

    stage.check("The thief was in for as long as this page did not renew, and no longer.", first === 200 && second === 401);
    stage.check("The session has ended here, at the server's word.", stage.ofType("ended").some(({ by }) => by === "server"));
    stage.check("The access token is wiped.", (await stage.call()) === "ERR_SIGNED_OUT");
  },
};
