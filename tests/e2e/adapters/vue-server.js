import { createSSRApp } from "vue";
import { renderToString } from "vue/server-renderer";
import { SessionPlugin } from "sessionkeeper/vue";
import { App } from "./vue.js";

export const render = (session) => renderToString(createSSRApp(App).use(SessionPlugin, session));
