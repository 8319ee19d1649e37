import { makeElement } from "./inspector/element.js";

const NAME = "session-inspector";

/** The element's class, made when it is first wanted. @type {ReturnType<typeof makeElement> | undefined} */
let Inspector;

/** @param {string} [name] */
export function defineInspector(name = NAME) {
  // On a server there is nothing to define.
  if (typeof customElements === "undefined") return undefined;
  const defined = customElements.get(name);
  if (defined) return defined;
  // A class has one name: a further name is for a class of its own.
  const Element = Inspector ? class extends Inspector {} : (Inspector = makeElement());
  customElements.define(name, Element);
  return Element;
}
