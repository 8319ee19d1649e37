import { Providers } from "./providers.js";

export const metadata = { title: "A session", icons: "data:," };

export default function Layout({ children }) {
  return (
    <html lang="en">
      <body>
        <Providers>{children}</Providers>
      </body>
    </html>
  );
}
