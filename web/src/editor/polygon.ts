/** Is a spot inside a polygon? */

export type Spot = readonly [x: number, y: number];

/** By the even-odd rule: a ray to the right crosses the border an odd number of times. */
export function insidePolygon([x, y]: Spot, polygon: readonly Spot[]): boolean {
  return polygon.reduce((inside, [x1, y1], index) => {
    const [x2, y2] = polygon.at(index - 1) ?? [x1, y1];
    const crosses = y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1;
    return crosses ? !inside : inside;
  }, false);
}
