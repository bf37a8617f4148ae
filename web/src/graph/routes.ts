/**
 * Where a wire comes from: through reroutes and bypassed nodes, in and out of subgraphs.
 *
 * The Python side is `engine/routes.py`.
 */
import { EDITOR_ONLY, type GraphNode, MODE, nodeOf, PRIMITIVE, SUBGRAPH_INPUT, typeName } from "./document";
import { isList, isTruthy, type Json } from "./json";
import { inputName, promotedValue } from "./promoted";
import { linkIntoOutput, modeIn, type OpenScope } from "./scopes";

/** An output of a node that a prompt can name. */
export interface Source {
  readonly scope: OpenScope;
  readonly node: GraphNode;
  readonly slot: number;
}

/** A value that the editor puts in the place of a wire. */
export interface Constant {
  readonly value: Json;
  /** Where it was given. */
  readonly scope: OpenScope;
  /** `%Node.field%` in it is to be replaced. */
  readonly replaces: boolean;
}

export type End = { readonly source: Source } | { readonly constant: Constant } | undefined;

/** Where ways that were followed before came from; each is followed once. */
export type KnownEnds = Map<OpenScope, Map<string, End>>;

/** A wire that is being followed from its end to its beginning. */
interface Way {
  readonly scope: OpenScope;
  readonly link: number;
  /** The type of the socket at the end. */
  readonly wanted: string;
  /** The value that the instance just left has, which counts if the ones around it have none. */
  readonly standing: Constant | undefined;
}

type Step = { readonly way: Way } | { readonly end: End };

const NOWHERE: Step = { end: undefined };

/** What a wire brings; undefined where it comes from nowhere or runs in a circle. */
export function followed(scope: OpenScope, link: number, wanted: string, known: KnownEnds): End {
  const passed: Way[] = [];
  const circle = new Map<OpenScope, Set<string>>();
  let step: Step = { way: { scope, link, wanted, standing: undefined } };
  while ("way" in step) {
    const { way }: { way: Way } = step;
    const place = `${way.link}:${way.wanted}`;
    const isBare = way.standing === undefined;
    if (circle.get(way.scope)?.has(place)) step = NOWHERE;
    else if (isBare && known.get(way.scope)?.has(place)) step = { end: known.get(way.scope)?.get(place) };
    else {
      if (isBare) passed.push(way);
      if (isBare) within(circle, way.scope, () => new Set<string>()).add(place);
      step = next(way);
    }
  }
  for (const way of passed) within(known, way.scope, () => new Map()).set(`${way.link}:${way.wanted}`, step.end);
  return step.end;
}

function within<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}

/** Go one wire back. */
function next(way: Way): Step {
  const { scope } = way;
  const link = scope.canvas.links.get(way.link);
  if (!link) return NOWHERE;
  if (link.origin === SUBGRAPH_INPUT && scope.around) return outOf(way, scope.around, link.originSlot);
  const node = nodeOf(scope.canvas, link.origin);
  if (!node) return NOWHERE;
  const bare = { ...way, standing: undefined };
  if (modeIn(scope, node) === MODE.bypassed) return aroundOf(bare, node, link.originSlot);
  const inside = scope.children.get(String(node.id));
  if (inside) return on({ ...bare, scope: inside }, linkIntoOutput(inside.canvas, link.originSlot));
  if (EDITOR_ONLY.has(node.type)) return through(bare, node, link.originSlot);
  return { end: { source: { scope, node, slot: link.originSlot } } };
}

function on(way: Way, link: number | null | undefined): Step {
  return link === null || link === undefined ? NOWHERE : { way: { ...way, link } };
}

/** Go on outside an instance, at the wire into this input; or take the value that the instance has for it. */
function outOf(way: Way, { scope, instance, subgraph }: NonNullable<OpenScope["around"]>, slot: number): Step {
  const name = inputName(subgraph, slot);
  if (name === undefined) return NOWHERE;
  const value = promotedValue(instance, subgraph, name);
  const standing = value === undefined ? way.standing : { value, scope, replaces: false };
  const link = instance.inputs.find((input) => input.name === name)?.link ?? null;
  if (link !== null) return { way: { ...way, scope, link, standing } };
  return standing ? { end: { constant: standing } } : NOWHERE;
}

function through(way: Way, node: GraphNode, slot: number): Step {
  if (node.type !== PRIMITIVE) return on(way, node.inputs[slot]?.link);
  const value = isList(node.values) ? node.values[0] : undefined;
  if (value === undefined) return NOWHERE;
  const replaces = isTruthy(node.properties["Run widget replace on values"]);
  return { end: { constant: { value, scope: way.scope, replaces } } };
}

/** Go on at the input of a bypassed node that takes the place of this output. */
function aroundOf(way: Way, node: GraphNode, slot: number): Step {
  const index = passingInput(node, slot, way.wanted);
  return on(way, index === undefined ? undefined : node.inputs[index]?.link);
}

/** Which input of a bypassed node stands in for its output `slot`, where a `wanted` value is expected. */
export function passingInput(node: GraphNode, slot: number, wanted: string): number | undefined {
  const types = node.inputs.map((input) => typeName(input.type));
  const made = typeName(node.outputs[slot]?.type);
  const isThere = slot >= 0 && slot < types.length;
  if (wanted === "*") return types.length === 0 ? undefined : isThere ? slot : 0;
  const passes = (type: string) => matches(type, made) && matches(type, wanted);
  if (isThere && passes(types[slot] ?? "*")) return slot;
  const same = types.indexOf(wanted);
  const found = same === -1 ? types.findIndex(passes) : same;
  return found === -1 ? undefined : found;
}

/** Have two wire types a value in common? In any letter case, unlike `fits`, which judges new wires. */
export function matches(first: string, second: string): boolean {
  const [one, other] = [members(first), members(second)];
  return one.includes("*") || other.includes("*") || one.some((member) => other.includes(member));
}

function members(union: string): string[] {
  return union.split(",").map((part) => part.trim().toLowerCase());
}
