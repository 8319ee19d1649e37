import { api } from "./api.js";
import { session } from "./session.js";

const plain = ({ response, data }) => ({ status: response.status, data });
Object.assign(globalThis, {
  session,
  get: (path, headers) => api.GET(path, { headers }).then(plain),
  post: (path, body, headers) => api.POST(path, { body, headers }).then(plain),
});
