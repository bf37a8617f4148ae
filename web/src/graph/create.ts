/** New nodes: as their class describes them, every field at its default. */
import type { NodeDefinition } from "./catalogue";
import { type Document, type InputSlot, type OutputSlot, type Point, PRIMITIVE, REROUTE, type Size } from "./document";
import { instanceOf } from "./edits/collapse";
import type { NewNode } from "./edits/nodes";
import { isWidget } from "./widgets";
import { defaultValues } from "./widgetValues";

const WIDTH = 240;
const ROW = 24;
const TEXT_ROWS = 4;
const HEAD = 40;

/** A node of a class. Sockets come first among its inputs, then the fields, each of which is a socket too. */
export function nodeFrom(definition: NodeDefinition, pos: Point): NewNode {
  const sockets = definition.inputs.filter((input) => !isWidget(input));
  const fields = definition.inputs.filter((input) => isWidget(input) && input.options.socketless !== true);
  const inputs = [...sockets, ...fields].map((input): InputSlot => {
    const slot = {
      name: input.name,
      type: input.type,
      link: null,
      raw: sockets.includes(input) && !input.required ? { shape: 7 } : {},
    };
    return isWidget(input) ? { ...slot, widget: input.name } : slot;
  });
  const outputs = definition.outputs.map(({ name, type }): OutputSlot => ({ name, type, links: [], raw: {} }));
  return {
    type: definition.name,
    pos,
    size: sizeOf(definition),
    mode: 0,
    collapsed: false,
    inputs,
    outputs,
    values: defaultValues(definition),
    properties: { "Node name for S&R": definition.name },
    raw: {},
  };
}

/** How large a new node is: a row per socket or field, more for long texts. */
export function sizeOf(definition: NodeDefinition): Size {
  const sockets = definition.inputs.filter((input) => !isWidget(input)).length;
  const fields = definition.inputs.filter(isWidget).map((input) => (input.options.multiline ? TEXT_ROWS : 1));
  const rows = Math.max(sockets, definition.outputs.length) + fields.reduce((sum, count) => sum + count, 0);
  return [WIDTH, HEAD + rows * ROW];
}

/** A note, whose text is Markdown and does nothing. */
export function noteAt(pos: Point, text = ""): NewNode {
  return { ...bare("MarkdownNote", pos, [WIDTH, 120]), values: [text] };
}

export function rerouteAt(pos: Point, type = "*"): NewNode {
  const inputs: InputSlot[] = [{ name: "", type: "*", link: null, raw: {} }];
  return { ...bare(REROUTE, pos, [75, 26]), inputs, outputs: [{ name: "", type, links: [], raw: {} }] };
}

/** A node that holds one value for any number of fields; it takes the type of what it is wired to. */
export function primitiveAt(pos: Point, type: string, values: NewNode["values"]): NewNode {
  return { ...bare(PRIMITIVE, pos, [210, 82]), outputs: [{ name: type, type, links: [], raw: {} }], values };
}

/** An instance of a subgraph that the document has. */
export function instanceAt(document: Document, id: string, pos: Point): NewNode | undefined {
  const subgraph = document.subgraphs.get(id);
  if (!subgraph) return undefined;
  const { id: _, ...node } = instanceOf(subgraph, 0, []);
  return { ...node, pos };
}

function bare(type: string, pos: Point, size: Size): NewNode {
  return {
    type,
    pos,
    size,
    mode: 0,
    collapsed: false,
    inputs: [],
    outputs: [],
    values: undefined,
    properties: {},
    raw: {},
  };
}
