import { createSession, isSessionError } from "sessionkeeper";
import * as slim from "sessionkeeper/slim";
import manifest from "sessionkeeper/package.json" with { type: "json" };

const session = await createSession({ refresh: "/auth/refresh" });
const error = await session.accessToken().catch((error) => error);
console.log(JSON.stringify([manifest.name, await session.restore(), isSessionError(error), error.code, typeof slim.init]));
