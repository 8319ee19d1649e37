// The adapters for frameworks, as applications use them. Compiled, never run.

import { createElement, type ReactElement } from "react";
import { get, type Readable } from "svelte/store";
import { createApp, type ShallowRef } from "vue";
import { createSession, type EndReason, type Session, type SessionState } from "sessionkeeper";
import * as react from "sessionkeeper/react";
import * as svelte from "sessionkeeper/svelte";
import * as vue from "sessionkeeper/vue";

const session: Promise<Session> = createSession({ refresh: "/auth/refresh" });
const source: react.SessionSource = session;

export const element: ReactElement = createElement(react.SessionProvider, { session }, "children");

export function Component(): string {
  const view: react.SessionView = react.useSession();
  const state: SessionState = view.state;
  const reason: EndReason | null = view.reason;
  const itself: Session | null = view.session;
  const online: boolean = react.useSession(({ online }) => online);
  const { warning, endsAt, secondsLeft, extend }: react.IdleWarning = react.useIdleWarning();
  extend();
  return [state, reason, itself?.state, online, warning, endsAt, secondsLeft.toFixed()].join();
}

createApp({}).use(vue.SessionPlugin, session);

export function setup(): string {
  const view: Readonly<ShallowRef<vue.SessionView>> = vue.useSession();
  const given = vue.useSession(source);
  const idle: Readonly<ShallowRef<vue.IdleWarning>> = vue.useIdleWarning();
  idle.value.extend();
  return view.value.state + given.value.state + idle.value.secondsLeft.toFixed();
}

const store: Readable<svelte.SessionView> = svelte.sessionStore(session);
const idle: Readable<svelte.IdleWarning> = svelte.idleWarningStore(session);
export const states: [SessionState, boolean] = [get(store).state, get(idle).warning];

export function negatives(view: react.SessionView): void {
  // @ts-expect-error the provider wants a session
  createElement(react.SessionProvider, {});
  // @ts-expect-error a configuration is no session
  createElement(react.SessionProvider, { session: { refresh: "/auth/refresh" } });
  // @ts-expect-error the view is immutable
  view.state = "active";
  // @ts-expect-error there may be no session yet
  void view.session.signOut();
  // @ts-expect-error the plugin wants a session
  createApp({}).use(vue.SessionPlugin);
  // @ts-expect-error the view is immutable
  vue.useSession().value = view;
  // @ts-expect-error a store wants a session
  svelte.sessionStore();
}
