/**
 * From a document to the prompt that the official editor would send.
 *
 * Subgraphs are laid open (`12:5` is node 5 inside instance 12 of one), nodes that only the editor knows disappear, muted
 * nodes are left out and bypassed ones are led around, and every field's value is found under its name. The Python side
 * is `engine/conversion.py`; both are held by `tests/fixtures/conversion_cases.json`.
 */
import { t } from "../words";
import type { Catalogue, NodeDefinition } from "./catalogue";
import { type Document, EDITOR_ONLY, type GraphNode } from "./document";
import type { JsonObject } from "./json";
import { type Circumstances, inputsOf, titleOf, type Work } from "./promptInputs";
import { isLink } from "./promptValues";
import { Endless, idIn, isOff, modeIn, type OpenScope, openScopes } from "./scopes";
import { atRandom } from "./textTokens";
import type { Doubt } from "./widgetReading";
import { readNodeValues } from "./widgetValues";

export interface PromptNode {
  readonly inputs: JsonObject;
  readonly class_type: string;
  readonly _meta?: { readonly title: string };
}

/** A graph in API format, by id. */
export type Prompt = Readonly<Record<string, PromptNode>>;

/** What is not certain about a prompt, or cannot be right. */
export interface Remark {
  readonly nodeId: string;
  readonly title: string;
  /** One sentence. */
  readonly message: string;
}

export interface Conversion {
  readonly prompt: Prompt;
  /** Nodes whose values cannot be told; their fields were filled in the order of the document. */
  readonly problems: readonly Remark[];
  /** Readings that are the editor's own but need not be what the author saw. */
  readonly notices: readonly Remark[];
  /** The nodes whose class the catalogue does not have. */
  readonly unknown: ReadonlySet<string>;
}

/** Make a prompt of a document. A document that has no end is told as a problem, and its prompt is empty. */
export function toPrompt(document: Document, catalogue: Catalogue, given: Partial<Circumstances> = {}): Conversion {
  const work = { choose: atRandom, now: new Date(), ...given, catalogue, known: new Map() };
  try {
    return converted(openScopes(document), work);
  } catch (error) {
    if (!(error instanceof Endless)) throw error;
    const { nodeId, title, kind } = error;
    const problem = { nodeId, title, message: t(`convert.${kind}`) };
    return { prompt: {}, problems: [problem], notices: [], unknown: new Set() };
  }
}

function converted(scopes: readonly OpenScope[], work: Work): Conversion {
  const nodes = new Map<string, PromptNode>();
  const remarks: Judged[] = [];
  const unknown = new Set<string>();
  for (const [scope, node] of running(scopes)) {
    const nodeId = idIn(scope, node);
    const definition = work.catalogue.get(node.type);
    const title = titleOf(node, definition);
    nodes.set(nodeId, { inputs: inputsOf(scope, node, work), class_type: node.type, _meta: { title } });
    if (!definition) unknown.add(nodeId);
    for (const remark of judged(node, definition)) remarks.push({ ...remark, nodeId, title });
  }
  const kept = [...nodes].sort(([one], [other]) => readingOrder(one, other));
  return {
    prompt: Object.fromEntries(kept.map(([id, node]) => [id, withoutLostWires(node, nodes)])),
    problems: remarks.filter((remark) => remark.wrong),
    notices: remarks.filter((remark) => !remark.wrong),
    unknown,
  };
}

/** The nodes that a prompt contains. */
function running(scopes: readonly OpenScope[]): (readonly [OpenScope, GraphNode])[] {
  return scopes.flatMap((scope) => {
    const nodes = [...scope.canvas.nodes.values()].filter((node) => isRunning(scope, node));
    return nodes.map((node) => [scope, node] as const);
  });
}

function isRunning(scope: OpenScope, node: GraphNode): boolean {
  return !EDITOR_ONLY.has(node.type) && !scope.children.has(String(node.id)) && !isOff(modeIn(scope, node));
}

type Judged = Remark & { readonly wrong: boolean };

function judged(node: GraphNode, definition: NodeDefinition | undefined): Pick<Judged, "wrong" | "message">[] {
  const isGroup = node.type.startsWith("workflow>") || node.type.startsWith("workflow/");
  const group = isGroup ? [{ wrong: true, message: t("convert.group") }] : [];
  const { doubt, wrong } = readNodeValues(node, definition);
  return definition && doubt ? [...group, { wrong, message: doubtInWords(doubt) }] : group;
}

/** Why the values of a node may be read wrong, in one sentence. */
export function doubtInWords(doubt: Doubt): string {
  if (doubt.kind === "types") return t("convert.types", { names: doubt.names.join(", ") });
  return t(`convert.${doubt.kind}`, { values: doubt.values, fields: doubt.fields });
}

/** Leave out the inputs whose source is not in the prompt: it is muted. */
function withoutLostWires(node: PromptNode, nodes: ReadonlyMap<string, unknown>): PromptNode {
  const kept = Object.entries(node.inputs).filter(([, value]) => !isLink(value) || nodes.has(value[0]));
  return { ...node, inputs: Object.fromEntries(kept) };
}

/** Numbers first, as every JavaScript client has them. */
function readingOrder(one: string, other: string): number {
  const [left, right] = [one, other].map((id) => (/^\d{1,19}$/.test(id) ? Number(id) : Number.POSITIVE_INFINITY));
  if (left !== right) return (left ?? 0) < (right ?? 0) ? -1 : 1;
  return one < other ? -1 : one > other ? 1 : 0;
}
