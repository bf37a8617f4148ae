/**
 * What becomes of a value after each run: kept, one more, one less, a random one, the next of a list.
 *
 * The rules are those of ComfyUI's editor, so that a graph goes the same way in both: random numbers stay within 2^50,
 * lists can be narrowed by a part of a name or a `/pattern/`.
 */
import type { Catalogue, InputDefinition, NodeDefinition } from "./catalogue";
import { type Canvas, type Document, type GraphNode, MODE, PRIMITIVE } from "./document";
import { asText, isList, isNumber, type Json } from "./json";
import { inputFedBy } from "./primitives";
import { type Widget, widgetsOf } from "./widgets";
import { readValues, writeValue } from "./widgetValues";

/** A number from 0 to 1, without 1. */
export type Random = () => number;

const FARTHEST = 2 ** 50;

/** One value that changes by itself, and what to do with it. */
export interface Controlled {
  readonly node: GraphNode;
  readonly name: string;
  readonly value: Json | undefined;
  readonly control: string;
}

/** The document for the next run. Nodes that do not run, and fields that a wire feeds, stay as they are. */
export function afterQueue(document: Document, catalogue: Catalogue, random: Random = Math.random): Document {
  const canvas = advanced(document.canvas, catalogue, random);
  let subgraphs = document.subgraphs;
  for (const [id, subgraph] of document.subgraphs) {
    const inside = advanced(subgraph.canvas, catalogue, random);
    if (inside !== subgraph.canvas) subgraphs = new Map(subgraphs).set(id, { ...subgraph, canvas: inside });
  }
  const isSame = canvas === document.canvas && subgraphs === document.subgraphs;
  return isSame ? document : { ...document, canvas, subgraphs };
}

/** The values of a canvas that change by themselves. */
export function controlledIn(canvas: Canvas, catalogue: Catalogue): readonly Controlled[] {
  return [...canvas.nodes.values()].flatMap((node) => {
    const definition = catalogue.get(node.type);
    return definition && runs(node) ? controlledOf(node, definition) : [];
  });
}

/** The value for the next run. */
export function nextValue(
  input: InputDefinition,
  value: Json | undefined,
  control: string,
  random: Random,
  filter = "",
): Json | undefined {
  if (input.type === "COMBO") return nextChoice(narrowed(input.choices ?? [], filter), value, control, random);
  return nextNumber(input, isNumber(value) ? value : 0, control, random);
}

/** A random number for an input: a multiple of its step within its bounds, and within 2^50. */
export function randomNumber({ options }: InputDefinition, random: Random): number | bigint {
  const step = Number(bound(options.step, 1));
  const least = Number(bound(options.min, 0));
  const low = Math.max(least, -FARTHEST);
  const high = Math.min(Number(bound(options.max, FARTHEST)), FARTHEST);
  return Math.floor((random() * (high - low)) / step) * step + low;
}

function advanced(canvas: Canvas, catalogue: Catalogue, random: Random): Canvas {
  let nodes = canvas.nodes;
  for (const [id, node] of canvas.nodes) {
    const next = runs(node) ? advancedNode(node, canvas, catalogue, random) : node;
    if (next !== node) nodes = new Map(nodes).set(id, next);
  }
  return nodes === canvas.nodes ? canvas : { ...canvas, nodes };
}

function runs(node: GraphNode): boolean {
  return node.mode !== MODE.muted && node.mode !== MODE.bypassed;
}

function advancedNode(node: GraphNode, canvas: Canvas, catalogue: Catalogue, random: Random): GraphNode {
  if (node.type === PRIMITIVE) return advancedPrimitive(node, canvas, catalogue, random);
  const definition = catalogue.get(node.type);
  if (!definition) return node;
  return controlledOf(node, definition).reduce((changed, { name, value, control }) => {
    const input = definition.inputs.find((one) => one.name === name);
    const filter = asText(readValues(node, definition).get(filterOf(definition, name)?.name ?? ""));
    const next = input && nextValue(input, value, control, random, filter);
    return next === undefined || next === value ? changed : writeValue(changed, definition, name, next);
  }, node);
}

function controlledOf(node: GraphNode, definition: NodeDefinition): Controlled[] {
  const controls = widgetsOf(definition).filter((widget) => widget.kind === "CONTROL" && widget.input);
  if (controls.length === 0) return [];
  const values = readValues(node, definition);
  return controls.flatMap((control) => {
    const name = control.input?.name ?? "";
    const isWired = node.inputs.some((slot) => slot.widget === name && slot.link !== null);
    return isWired ? [] : [{ node, name, value: values.get(name), control: spelled(values.get(control.name)) }];
  });
}

/** Old documents say true for a random number and false for the same one. */
function spelled(control: Json | undefined): string {
  if (typeof control === "boolean") return control ? "randomize" : "fixed";
  return asText(control, "fixed");
}

function filterOf(definition: NodeDefinition, name: string): Widget | undefined {
  return widgetsOf(definition).find((one) => one.input?.name === name && one.name.startsWith("control_filter_list"));
}

/** A primitive holds its value, what becomes of it, and perhaps a filter, by position. */
function advancedPrimitive(node: GraphNode, canvas: Canvas, catalogue: Catalogue, random: Random): GraphNode {
  if (!isList(node.values) || node.values.length < 2) return node;
  const [value, control, filter] = node.values;
  const input = inputFedBy(node, canvas, catalogue);
  const next = input && nextValue(input, value, spelled(control), random, asText(filter));
  return next === undefined || next === value ? node : { ...node, values: node.values.with(0, next) };
}

function nextNumber(input: InputDefinition, value: number | bigint, control: string, random: Random): Json | undefined {
  const step = BigInt(Math.max(1, Math.round(Number(bound(input.options.step, 1)))));
  if (control === "randomize") return randomNumber(input, random);
  if (control !== "increment" && control !== "decrement") return value;
  const whole = BigInt(typeof value === "number" ? Math.round(value) : value);
  return within(control === "increment" ? whole + step : whole - step, input);
}

function within(value: bigint, { options }: InputDefinition): number | bigint {
  const [min, max] = [options.min, options.max];
  if (isNumber(min) && value < min) return min;
  if (isNumber(max) && value > max) return max;
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : value;
}

function bound(value: Json | undefined, otherwise: number): number | bigint {
  return isNumber(value) ? value : otherwise;
}

function nextChoice(
  choices: readonly Json[],
  value: Json | undefined,
  control: string,
  random: Random,
): Json | undefined {
  const last = choices.length - 1;
  const at = choices.indexOf(value ?? null);
  const places: Readonly<Record<string, number>> = {
    increment: Math.min(last, at + 1),
    decrement: Math.max(0, at - 1),
    "increment-wrap": at >= last ? 0 : at + 1,
    randomize: Math.floor(random() * choices.length),
  };
  const place = places[control];
  return place === undefined ? value : (choices[place] ?? value);
}

function narrowed(choices: readonly Json[], filter: string): readonly Json[] {
  const keeps = keeper(filter.trim());
  return choices.filter((choice) => keeps(String(choice)));
}

function keeper(filter: string): (text: string) => boolean {
  const pattern = /^\/(.+)\/([a-z]*)$/.exec(filter);
  if (!pattern) return (text) => text.toLowerCase().includes(filter.toLowerCase());
  try {
    const expression = new RegExp(pattern[1] ?? "", pattern[2]?.replace(/[gy]/g, ""));
    return (text) => expression.test(text);
  } catch {
    return () => true; // a pattern that is not finished yet keeps everything
  }
}
