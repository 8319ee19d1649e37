"use client";

import { createSession } from "sessionkeeper";
import { SessionProvider } from "sessionkeeper/react";

const session = createSession({ refresh: "/auth/refresh", logout: "/auth/logout" }).then(async (session) => {
  await session.restore();
  return session;
});

export const Providers = ({ children }) => <SessionProvider session={session}>{children}</SessionProvider>;
