import { State } from "./state.js";

export default function Page() {
  return (
    <main>
      <h1>Rendered on the server</h1>
      <State />
    </main>
  );
}
