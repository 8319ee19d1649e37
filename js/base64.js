/** What a base64 text stands for. @param {string} text */
export const decode = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
