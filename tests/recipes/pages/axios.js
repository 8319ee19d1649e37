import { api } from "./api.js";
import { me } from "./me.js";
import { session } from "./session.js";

const plain = ({ status, data }) => ({ status, data });
Object.assign(globalThis, {
  session,
  me,
  get: (path, headers) => api.get(path, { headers }).then(plain),
  post: (path, body, headers) => api.post(path, body, { headers }).then(plain),
});
