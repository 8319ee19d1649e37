/** The page's element with this `data-testid`. */
export const byTestId = (id) => document.querySelector(`[data-testid="${id}"]`);

/** The page's element with this `data-part`, for the places that no test needs. */
export const part = (name) => document.querySelector(`[data-part="${name}"]`);

/** Writes the text only when it differs, so that a call per frame costs nothing. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Shows the text, or hides the element where there is none. */
export function notice(element, text) {
  write(element, text ?? "");
  element.hidden = !text;
}

/** A new element with a text. */
export function create(name, text, className) {
  const element = document.createElement(name);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  return element;
}
