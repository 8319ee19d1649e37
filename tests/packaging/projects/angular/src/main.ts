import { Component, signal } from "@angular/core";
import { bootstrapApplication } from "@angular/platform-browser";
import { createSession } from "sessionkeeper";
import { useIt } from "./use-it.js";

/** The entry whose module angular.json copies beside the page. */
async function slim() {
  const { createSession, init } = await import("sessionkeeper/slim");
  await init("/sessionkeeper_bg.wasm");
  return createSession;
}

@Component({ selector: "app-root", template: "<output>{{ outcome() }}</output>" })
class App {
  protected readonly outcome = signal("nothing yet");

  constructor() {
    this.use();
  }

  private async use(): Promise<void> {
    const create = location.search === "?slim" ? await slim() : createSession;
    this.outcome.set(JSON.stringify(await useIt(create)));
  }
}

bootstrapApplication(App);
