import { render as renderApp } from "svelte/server";
import App from "./App.svelte";

export const render = async (session) => (await renderApp(App, { props: { session, drawn: { state: 0, idle: 0 } } })).body;
