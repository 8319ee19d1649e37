import { User } from "oidc-client-ts";
import { call, users } from "./before.js";

Object.assign(globalThis, { User, call, users });
