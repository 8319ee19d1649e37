import * as after from "./after.js";

Object.assign(globalThis, after);
