/** How a picture is looked at: how large, and which point of it is in the middle. */
export interface Look {
  /** 1 fits the picture into the window. */
  readonly zoom: number;
  /** By how much it is moved, in pixels of the screen. */
  readonly x: number;
  readonly y: number;
}

export const FITTED: Look = { zoom: 1, x: 0, y: 0 };
const LEAST = 1;
const MOST = 32;

/** Larger or smaller, with the point under the hand where it is; `x` and `y` count from the middle of the window. */
export function zoomed(look: Look, factor: number, x = 0, y = 0): Look {
  const zoom = Math.min(MOST, Math.max(LEAST, look.zoom * factor));
  if (zoom === LEAST) return FITTED;
  const change = zoom / look.zoom;
  return { zoom, x: x - (x - look.x) * change, y: y - (y - look.y) * change };
}

export function panned(look: Look, dx: number, dy: number): Look {
  return look.zoom === LEAST ? look : { ...look, x: look.x + dx, y: look.y + dy };
}
