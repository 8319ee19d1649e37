// What stands for what: a shape and a pattern each, so that nothing is told by colour alone.

/**
 * @typedef {CanvasRenderingContext2D} Context
 * @typedef {import("./palette.js").Palette} Palette
 * @typedef {(context: Context, x: number, y: number, size: number, palette: Palette) => void} Shape
 * @typedef {(context: Context, x: number, y: number, width: number, height: number, palette: Palette) => void} Fill
 */

const TURN = 2 * Math.PI;

/** @param {Context} context @param {...number} points */
function polygon(context, ...points) {
  context.beginPath();
  for (let place = 0; place < points.length; place += 2) context.lineTo(points[place], points[place + 1]);
  context.closePath();
}

/** @param {Context} context @param {number} x @param {number} y @param {number} r */
const diamond = (context, x, y, r) => polygon(context, x, y - r, x + r, y, x, y + r, x - r, y);

/** A disc around a shape, so that neighbours stay apart. @param {Context} context @param {string} colour */
function halo(context, colour) {
  context.lineWidth = 3;
  context.strokeStyle = colour;
  context.stroke();
}

/** @param {Context} context @param {string} colour @param {number} [width] */
function stroke(context, colour, width = 1.75) {
  context.lineWidth = width;
  context.strokeStyle = colour;
  context.stroke();
}

/** @param {Context} context @param {string} colour */
function fill(context, colour) {
  context.fillStyle = colour;
  context.fill();
}

/** @type {Record<string, Shape>} */
export const SHAPES = {
  renewal(context, x, y, r, { good, lane }) {
    context.beginPath();
    context.arc(x, y, r, 0, TURN);
    halo(context, lane);
    fill(context, good);
  },
  adoption(context, x, y, r, { other, lane }) {
    diamond(context, x, y, r + 0.5);
    halo(context, lane);
    fill(context, lane);
    stroke(context, other);
  },
  upgrade(context, x, y, r, { good, lane }) {
    context.beginPath();
    context.rect(x - r + 0.5, y - r + 0.5, 2 * r - 1, 2 * r - 1);
    halo(context, lane);
    fill(context, lane);
    stroke(context, good);
  },
  failure(context, x, y, r, { bad, lane }) {
    context.beginPath();
    context.moveTo(x - r, y - r);
    context.lineTo(x + r, y + r);
    context.moveTo(x + r, y - r);
    context.lineTo(x - r, y + r);
    context.lineCap = "round";
    stroke(context, lane, 5);
    stroke(context, bad, 2.25);
    context.lineCap = "butt";
  },
  start(context, x, y, r, { good, lane }) {
    polygon(context, x - 0.6 * r, y - r, x + r, y, x - 0.6 * r, y + r);
    halo(context, lane);
    fill(context, good);
  },
  end(context, x, y, r, { ink, lane }) {
    context.beginPath();
    context.rect(x - r + 1, y - r + 1, 2 * r - 2, 2 * r - 2);
    halo(context, lane);
    fill(context, ink);
  },
  ending(context, x, y, r, { bad, lane }) {
    polygon(context, x - r, y - r, x + r, y - r, x, y);
    context.lineTo(x, y);
    polygon(context, x - r, y - r, x + r, y - r, x - r, y + r, x + r, y + r);
    halo(context, lane);
    fill(context, bad);
  },
  extension(context, x, y, r, { good, lane }) {
    context.beginPath();
    context.moveTo(x - r, y);
    context.lineTo(x - 0.25 * r, y + 0.75 * r);
    context.lineTo(x + r, y - 0.75 * r);
    context.lineCap = context.lineJoin = "round";
    stroke(context, lane, 5);
    stroke(context, good, 2.25);
    context.lineCap = "butt";
  },
  stepUp(context, x, y, r, { other, lane }) {
    polygon(context, x, y - r, x + r, y + 0.1 * r, x + 0.45 * r, y + 0.1 * r, x + 0.45 * r, y + r, x - 0.45 * r, y + r, x - 0.45 * r, y + 0.1 * r, x - r, y + 0.1 * r);
    halo(context, lane);
    fill(context, other);
  },
  clockSet(context, x, y, r, { device, lane }) {
    context.beginPath();
    context.arc(x, y, r, 0, TURN);
    halo(context, lane);
    fill(context, lane);
    stroke(context, device);
    context.beginPath();
    context.moveTo(x, y - 0.6 * r);
    context.lineTo(x, y);
    context.lineTo(x + 0.5 * r, y);
    stroke(context, device, 1.25);
  },
  notice(context, x, y, r, { device, lane }) {
    polygon(context, x, y - r, x + r, y + 0.8 * r, x - r, y + 0.8 * r);
    halo(context, lane);
    fill(context, lane);
    stroke(context, device, 1.5);
  },
  refusal(context, x, y, r, { bad, lane }) {
    context.beginPath();
    context.arc(x, y, r, 0, TURN);
    halo(context, lane);
    fill(context, lane);
    stroke(context, bad);
    context.beginPath();
    context.moveTo(x - 0.5 * r, y);
    context.lineTo(x + 0.5 * r, y);
    stroke(context, bad);
  },
  replay(context, x, y, r, { token, lane }) {
    context.beginPath();
    context.arc(x, y, r - 0.5, 0.15 * TURN, 0.95 * TURN);
    stroke(context, lane, 4);
    stroke(context, token);
    polygon(context, x + r - 2.5, y - 1.5, x + r + 2, y - 1.5, x + r - 0.25, y + 2);
    fill(context, token);
  },
  gap(context, x, y, r, { ink, lane }) {
    context.beginPath();
    for (const part of [-0.45, 0.45]) {
      context.moveTo(x + part * r - 1.5, y + r);
      context.lineTo(x + part * r + 1.5, y - r);
    }
    stroke(context, lane, 5);
    stroke(context, ink, 1.5);
  },
};

/** Lines aslant, clipped to a box, that stay where they are when the box moves on. @param {Context} context @param {number} x @param {number} y @param {number} width @param {number} height @param {number} gap @param {string} colour */
function hatch(context, x, y, width, height, gap, colour) {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.beginPath();
  for (let at = x - height - ((x - height) % gap); at < x + width; at += gap) {
    context.moveTo(at, y + height);
    context.lineTo(at + height, y);
  }
  stroke(context, colour, 1);
  context.restore();
}

/** @param {Context} context @param {number} x @param {number} y @param {number} width @param {number} height @param {number} r */
function box(context, x, y, width, height, r) {
  context.beginPath();
  context.roundRect(x, y, width, height, Math.min(r, width / 2));
}

/** @type {Record<string, Fill>} */
export const FILLS = {
  active(context, x, y, width, height, { good }) {
    box(context, x, y, width, height, 2);
    fill(context, good);
  },
  degraded(context, x, y, width, height, { warn, lane }) {
    box(context, x, y, width, height, 2);
    fill(context, warn);
    hatch(context, x, y, width, height, 6, lane);
  },
  starting(context, x, y, width, height, { quiet }) {
    box(context, x + 0.5, y + 0.5, Math.max(0.5, width - 1), height - 1, 2);
    context.setLineDash([3, 2]);
    stroke(context, quiet, 1);
    context.setLineDash([]);
  },
  token(context, x, y, width, height, { token }) {
    box(context, x, y, width, height, 2);
    fill(context, token);
  },
  spare(context, x, y, width, height, { token }) {
    hatch(context, x, y, width, height, 4, token);
    context.beginPath();
    context.rect(x, y + 0.5, Math.max(0.5, width - 0.5), height - 1);
    stroke(context, token, 1);
  },
  attempt(context, x, y, width, height, { good }) {
    context.fillStyle = good;
    context.fillRect(x, y + height / 2 - 1.5, width, 3);
  },
  backoff(context, x, y, width, height, { bad }) {
    context.beginPath();
    context.moveTo(x, y + height / 2);
    context.lineTo(x + width, y + height / 2);
    context.setLineDash([2, 3]);
    stroke(context, bad, 1.5);
    context.setLineDash([]);
  },
  warning(context, x, y, width, height, { warn }) {
    // It tapers towards the end.
    polygon(context, x, y, x + width, y + height / 2 - 1, x + width, y + height / 2 + 1, x, y + height);
    fill(context, warn);
  },
  hidden(context, x, y, width, height, { device }) {
    hatch(context, x, y, width, height, 5, device);
    context.beginPath();
    context.rect(x + 0.5, y + 0.5, Math.max(0.5, width - 1), height - 1);
    stroke(context, device, 1);
  },
  offline(context, x, y, width, height, { bad }) {
    context.beginPath();
    for (let at = y + 1; at < y + height; at += 3.5) {
      context.moveTo(x, at);
      context.lineTo(x + width, at);
    }
    stroke(context, bad, 1.25);
  },
  sleep(context, x, y, width, height, { device }) {
    box(context, x, y, width, height, 3);
    fill(context, device);
  },
};
