/** One node on the way from a prompt to a document: its sockets, its fields with their values, and how large it is. */
import type { InputDefinition, NodeDefinition } from "./catalogue";
import { type NodeId, type Size, typeName } from "./document";
import { asObject, asText, isList, type Json, type JsonObject } from "./json";
import { constantOf, isLink, wrapped } from "./promptValues";
import { isWidget, type Widget, widgetsOf, widgetType } from "./widgets";

const WIDTH = 315;
const TITLE = 50;
const SLOT = 26;
const TEXT_AREA = 140;
const MAX_OUTPUTS = 1000;

const MAX_DIGITS = 15;
/** What all nodes of a class share on a canvas. */
export interface Shape {
  readonly definition: NodeDefinition | undefined;
  /** What its inputs are written as, those that are no fields first. */
  readonly sockets: readonly Socket[];
  readonly widgets: readonly Widget[];
  /** The inputs that are fields. */
  readonly shown: ReadonlySet<string>;
  /** How many fields are text areas. */
  readonly texts: number;
}

export type Socket = JsonObject & { readonly name: string };

/** A node on the way to the canvas. */
export interface Drawn {
  readonly id: string;
  readonly type: string;
  readonly title: string;
  readonly given: JsonObject;
  readonly shape: Shape;
  readonly sockets: readonly Socket[];
  readonly outputs: readonly { readonly name: string; readonly type: string }[];
}

export function shapeOf(definition: NodeDefinition | undefined): Shape {
  const inputs = definition?.inputs ?? [];
  const fields = inputs.filter(isWidget);
  const plain = inputs.filter((input) => !isWidget(input));
  const widgets = definition ? widgetsOf(definition) : [];
  return {
    definition,
    sockets: [...plain.map(socket), ...fields.map((input) => ({ ...socket(input), widget: { name: input.name } }))],
    widgets,
    shown: new Set(widgets.filter((widget) => widget.sent).map((widget) => widget.name)),
    texts: fields.filter((input) => input.options.multiline && widgetType(input) === "STRING").length,
  };
}

function socket({ name, type, required }: InputDefinition): Socket {
  return required ? { name, type } : { name, type, shape: 7 };
}

export function drawnNode(id: string, type: string, node: JsonObject, shape: Shape, used: number): Drawn {
  const given = asObject(node.inputs);
  const names = new Set(shape.sockets.map(({ name }) => name));
  const more = Object.keys(given).filter((name) => isLink(given[name]) && !names.has(name));
  const outputs = (shape.definition?.outputs ?? []).map((output) => ({
    name: output.name,
    type: typeName(output.type),
  }));
  const extra = Array.from({ length: Math.max(used - outputs.length, 0) }, () => ({ name: "*", type: "*" }));
  return {
    id,
    type,
    title: asText(asObject(node._meta).title),
    given,
    shape,
    sockets: [...shape.sockets, ...more.map((name) => ({ name, type: "*" }))],
    outputs: [...outputs, ...extra],
  };
}

/** Is it a wire from an output that a node may have? */
export function isRealSlot(value: Json): value is readonly [string, number] {
  return isLink(value) && value[1] >= 0 && value[1] < MAX_OUTPUTS;
}

/** The values of a node's fields, in their order; of an unknown class by name. */
export function valuesOf({ shape, given }: Drawn): readonly Json[] | JsonObject | undefined {
  const constants = new Map(Object.entries(given).filter(([, value]) => !isList(value)));
  if (shape.definition) return shape.widgets.map((widget) => fieldValue(widget, constants));
  const named = [...constants].map(([name, value]): [string, Json] => [name, constantOf(value)]);
  return named.length > 0 ? Object.fromEntries(named) : undefined;
}

function fieldValue(widget: Widget, constants: ReadonlyMap<string, Json>): Json {
  if (widget.kind === "CONTROL") return "fixed"; // so that the next run is the same
  const given = constants.get(widget.name);
  if (given === undefined || !widget.sent || widget.fixed) return widget.default ?? null;
  const value = constantOf(given);
  return widget.dynamic && typeof value === "string" ? value.replace(/[{}]/g, "\\$&") : value;
}

/** The inputs that the editor has no place for. */
export function keptInputs({ given, shape }: Drawn, entered: ReadonlyMap<string, number> | undefined): JsonObject {
  const kept = Object.entries(given).filter(([name, value]) => {
    const isHomeless = isList(value) || (shape.definition !== undefined && !shape.shown.has(name));
    return !entered?.has(name) && isHomeless;
  });
  return Object.fromEntries(kept.map(([name, value]) => [name, isList(value) ? value : wrapped(constantOf(value))]));
}

/** What the editor calls a node: a number where the text is one. */
export function numbered(id: string): NodeId {
  return /^(0|[1-9]\d*)$/.test(id) && id.length <= MAX_DIGITS ? Number(id) : id;
}

/** A guess of how large a node is. */
export function sizeOf({ shape, sockets, outputs }: Drawn): Size {
  const fields = sockets.filter((socket) => socket.widget !== undefined).length;
  const rows = Math.max(sockets.length - fields, outputs.length) + shape.widgets.length;
  return [WIDTH, TITLE + rows * SLOT + shape.texts * TEXT_AREA];
}
