/** Names that the canvas gives to what stands on it, for the selection and for xyflow: nodes go by their own id. */

export const LINK = "link:";
export const GROUP = "group:";
export const POINT = "reroute:";

export function linkName(id: number): string {
  return LINK + id;
}

/** Groups need not have ids; their place in the list is their name. */
export function groupName(index: number): string {
  return GROUP + index;
}

export function pointName(id: number): string {
  return POINT + id;
}

/** The number in a name of that kind, or undefined. */
export function numberIn(name: string, kind: string): number | undefined {
  return name.startsWith(kind) ? Number(name.slice(kind.length)) : undefined;
}

/** The numbers of all names of a kind. */
export function numbersIn(names: Iterable<string>, kind: string): number[] {
  return [...names].filter((name) => name.startsWith(kind)).map((name) => Number(name.slice(kind.length)));
}

export type Side = "input" | "output";

/** The id of a socket as xyflow has it. */
export function socketName(side: Side, slot: number): string {
  return `${side}-${slot}`;
}

/** A widget that has no socket in the document yet: a wire dropped on it makes one. */
export function widgetName(name: string): string {
  return `widget-${name}`;
}

export interface SocketPlace {
  readonly slot?: number;
  readonly widget?: string;
}

export function placeOfSocket(name: string): SocketPlace {
  const at = name.indexOf("-");
  const rest = name.slice(at + 1);
  return name.startsWith("widget-") ? { widget: rest } : { slot: Number(rest) };
}
