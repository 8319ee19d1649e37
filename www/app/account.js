import { byTestId, create, write } from "./dom.js";

const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const AMOUNT = new Intl.NumberFormat("en-GB", { style: "currency", currency: "EUR" });
const DAY_MS = 86_400_000;

// The sample server keeps no books. What was before this page was loaded is made up, and what is paid on it is added.
const OPENING_CENTS = 421_760;
const EARLIER = [
  ["Jacquard Weavers", -8_640, 1],
  ["Royalties, Note G", 31_200, 3],
  ["Gas and water", -6_215, 8],
  ["Rent", -92_000, 12],
];

const statement = byTestId("statement");

let book = null; // whose account is shown, and what was paid on it
let shownFor = null;

/** Shows the account of whoever is signed in. */
export function renderAccount({ state, claims }) {
  const sub = state === "signed-out" ? null : claims?.sub ?? shownFor;
  if (sub === shownFor) return;
  shownFor = sub;
  const now = Date.now();
  book = sub && { cents: OPENING_CENTS, entries: EARLIER.map(([payee, cents, days]) => ({ payee, cents, at: now - days * DAY_MS })) };
  show();
}

/** Enters a payment that the server has made. */
export function enterPayment(payee, cents) {
  if (!book) return;
  book.cents -= cents;
  book.entries.unshift({ payee, cents: -cents, at: Date.now() });
  show();
}

function show() {
  write(byTestId("balance"), book ? AMOUNT.format(book.cents / 100) : "");
  statement.replaceChildren(...(book?.entries ?? []).slice(0, 5).map(({ payee, cents, at }) => {
    const row = create("li");
    const day = create("time", DAY.format(at));
    day.dateTime = new Date(at).toISOString().slice(0, 10);
    row.append(day, create("span", payee), create("b", `${cents > 0 ? "+" : "−"}${AMOUNT.format(Math.abs(cents) / 100)}`, cents > 0 ? "credit" : ""));
    return row;
  }));
}
