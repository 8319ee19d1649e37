import { api } from "./api.js";
import { session } from "./session.js";

const plain = async (answer) => ({ status: answer.status, data: await answer.json() });
Object.assign(globalThis, {
  session,
  get: (path, headers) => api.get(path, { headers }).then(plain),
  post: (path, json, headers) => api.post(path, { json, headers }).then(plain),
});
