"use client";
import { createContext, createElement, useContext, useSyncExternalStore } from "react";
import { idleWarningOf, SERVER_VIEW, viewOf } from "./store.js";

/** @typedef {import("./view.js").SessionView} SessionView */

const Source = createContext(/** @type {import("./view.js").SessionSource | null} */ (null));

/** @param {import("./react.js").SessionProviderProps} props */
export const SessionProvider = ({ session, children }) => createElement(Source.Provider, { value: session }, children);

function useView() {
  const source = useContext(Source);
  if (!source) throw new Error("There is no <SessionProvider> around this component.");
  return viewOf(source);
}

const whole = (/** @type {SessionView} */ view) => view;

/** @param {(view: SessionView) => any} [select] */
export function useSession(select = whole) {
  const view = useView();
  return useSyncExternalStore(view.subscribe, () => select(view.get()), () => select(SERVER_VIEW.get()));
}

export function useIdleWarning() {
  const warning = idleWarningOf(useView());
  return useSyncExternalStore(warning.subscribe, warning.get, idleWarningOf(SERVER_VIEW).get);
}
