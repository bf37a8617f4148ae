/**
 * What keeps a graph from running, at the node where it can be put right: found before the server is asked, or read from
 * its refusal. A problem says what is wrong and what to do, in words of the user's.
 */
import { t } from "../words";
import type { Catalogue, InputDefinition, NodeDefinition } from "./catalogue";
import { asList, asNumber, asObject, asText, isList, isObject, type Json, type JsonObject, writeJson } from "./json";

export interface NodeProblem {
  readonly message: string;
  readonly input?: string;
  readonly remedy?: string;
  readonly details?: string;
  /** The node that what is wrong came from, by prompt id. */
  readonly source?: string;
}

export type Problems = ReadonlyMap<string, readonly NodeProblem[]>;

export interface Refusal {
  /** By prompt id. */
  readonly nodes: Problems;
  /** What is wrong with no node in particular. */
  readonly general: readonly NodeProblem[];
}

export interface Unconnected {
  readonly nodes: Problems;
  /** How many of the outputs run all the same. */
  readonly runs: number;
}

/**
 * The required inputs that nothing is connected to and that have no field of their own.
 *
 * Only of nodes that an output needs: a node that stands aside keeps nothing from running.
 *
 * @param prompt the graph in API form.
 * @param targets the nodes that are run to; all outputs where undefined.
 */
export function unconnected(prompt: JsonObject, catalogue: Catalogue, targets?: readonly string[]): Unconnected {
  const nodes = new Map<string, readonly NodeProblem[]>();
  let runs = 0;
  for (const target of targets ?? outputsOf(prompt, catalogue)) {
    const leading = [...needed(prompt, [target])];
    for (const id of leading) {
      const problems = nodes.get(id) ?? missingInputs(asObject(prompt[id]), catalogue);
      if (problems.length > 0) nodes.set(id, problems);
    }
    if (!leading.some((id) => nodes.has(id))) runs += 1;
  }
  return { nodes, runs };
}

function missingInputs(node: JsonObject, catalogue: Catalogue): readonly NodeProblem[] {
  const definition = catalogue.get(asText(node.class_type));
  const inputs = asObject(node.inputs);
  const missing = definition?.inputs.filter((input) => input.required && !(input.name in inputs)) ?? [];
  return missing.map((input) => unconnectedProblem(input, titleOf(node, definition)));
}

/** The nodes of a prompt that show or save something. */
export function outputsOf(prompt: JsonObject, catalogue: Catalogue): readonly string[] {
  return Object.keys(prompt).filter((id) => catalogue.get(asText(asObject(prompt[id]).class_type))?.isOutput);
}

/** The nodes that lead to some nodes, and those themselves. */
export function needed(prompt: JsonObject, targets: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const open = targets.filter((id) => id in prompt);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    for (const value of Object.values(asObject(asObject(prompt[id]).inputs))) {
      const source = isList(value) && value.length === 2 ? String(value[0]) : undefined;
      if (source !== undefined && source in prompt && !found.has(source)) open.push(source);
    }
  }
  return found;
}

function unconnectedProblem(input: InputDefinition, node: string): NodeProblem {
  return { input: input.name, message: t("problem.unconnected", { type: socketName(input), node }) };
}

/** `model` of MODEL is called MODEL; where the name says more than the type, both are said. */
function socketName(input: InputDefinition): string {
  const type = input.type === "*" ? t("problem.anything") : input.type;
  return input.name.toUpperCase() === input.type ? type : t("problem.named", { type, name: input.name });
}

/** What `POST /prompt` answered about a graph, as a refusal or beside an acceptance. */
export function readRefusal(answer: unknown, prompt: JsonObject, catalogue: Catalogue): Refusal {
  const body = asObject(answer);
  const nodes = new Map<string, readonly NodeProblem[]>();
  for (const [id, told] of Object.entries(asObject(body.node_errors))) {
    const { errors, class_type } = asObject(told);
    const definition = catalogue.get(asText(class_type));
    const title = titleOf({ ...asObject(prompt[id]), class_type: class_type ?? null }, definition);
    nodes.set(
      id,
      asList(errors).map((error) => nodeProblem(asObject(error), title, definition)),
    );
  }
  const general = generalProblem(asObject(body.error), nodes);
  return { nodes, general: general ? [general] : [] };
}

function generalProblem(error: JsonObject, nodes: Map<string, readonly NodeProblem[]>): NodeProblem | undefined {
  const at = /^Node ID '#(.+)'$/.exec(asText(error.details))?.[1];
  const missing = /^Cannot execute because node (.+) does not exist\.$/.exec(asText(error.message))?.[1];
  if (at !== undefined) {
    const told = { message: missing ? t("problem.missingClass", { class: missing }) : asText(error.message) };
    nodes.set(at, [missing ? { ...told, remedy: t("problem.missingClassRemedy") } : told]);
    return undefined;
  }
  if (error.type === "prompt_no_outputs") {
    return { message: t("problem.noOutputs"), remedy: t("problem.noOutputsRemedy") };
  }
  if (nodes.size > 0) return undefined;
  const [message, details] = [asText(error.message), asText(error.details)];
  return message ? { message: details && details !== message ? `${message}: ${details}` : message } : undefined;
}

function nodeProblem(error: JsonObject, node: string, definition: NodeDefinition | undefined): NodeProblem {
  const extra = asObject(error.extra_info);
  const name = asText(extra.input_name);
  const input = definition?.inputs.find((found) => found.name === name);
  const told =
    SAID[asText(error.type)]?.({ error, extra, name, node, input }) ?? engineProblem({ ...error, input_name: name });
  const remedy = asText(error.remedy) || told.remedy;
  return { ...told, ...(name ? { input: name } : {}), ...(remedy ? { remedy } : {}) };
}

interface Told {
  readonly error: JsonObject;
  readonly extra: JsonObject;
  readonly name: string;
  readonly node: string;
  readonly input: InputDefinition | undefined;
}

const SAID: Readonly<Record<string, (told: Told) => NodeProblem>> = {
  required_input_missing: ({ input, name, node }) =>
    input ? unconnectedProblem(input, node) : { message: t("problem.missing", { name, node }) },
  return_type_mismatch: ({ extra, name }) => ({
    message: t("problem.mismatch", { name, received: typeWords(extra.received_type), expected: expectedType(extra) }),
  }),
  value_not_in_list: ({ extra, name, node }) => ({
    message: t("problem.notInList", { name, node, value: words(extra.received_value) }),
    remedy: t("problem.notInListRemedy"),
  }),
  value_smaller_than_min: ({ extra, name }) => outside(extra, name, "min"),
  value_bigger_than_max: ({ extra, name }) => outside(extra, name, "max"),
  invalid_input_type: ({ extra, name }) => ({
    message: t("problem.notConverted", { name, value: words(extra.received_value), expected: expectedType(extra) }),
  }),
  custom_validation_failed: ({ error, name }) => ({ message: afterName(asText(error.details), name) }),
};

function outside(extra: JsonObject, name: string, bound: "min" | "max"): NodeProblem {
  const options = asObject(asList(extra.input_config)[1]);
  const word = bound === "min" ? "problem.tooSmall" : "problem.tooLarge";
  return { message: t(word, { name, value: words(extra.received_value), bound: asNumber(options[bound]) }) };
}

/** `image - Invalid image file: a.png` without the name, which stands beside it anyway. */
function afterName(details: string, name: string): string {
  return details.startsWith(`${name} - `) ? details.slice(name.length + 3) : details;
}

function expectedType(extra: JsonObject): string {
  return typeWords(asList(extra.input_config)[0]);
}

function typeWords(type: Json | undefined): string {
  return typeof type === "string" ? type : "COMBO";
}

function words(value: Json | undefined): string {
  return typeof value === "string" ? value : writeJson(value ?? null);
}

function titleOf(node: JsonObject, definition: NodeDefinition | undefined): string {
  const title = isObject(node._meta) ? asText(node._meta.title) : "";
  return title || definition?.title || asText(node.class_type);
}

/** What the engine's `Problem` says of a node, where the server tells all of it. */
export function engineProblem(problem: JsonObject): NodeProblem {
  const source = asList(asObject(problem.extra_info).linked_node)[0];
  return {
    message: said(problem),
    ...given("input", problem.input_name),
    ...given("remedy", problem.remedy),
    ...given("details", asText(problem.producer) && t("problem.producer", { value: asText(problem.producer) })),
    ...given("source", typeof source === "number" ? String(source) : source),
  };
}

/** What came and what was expected say more than any name of the fault. */
function said({ input_name, received, expected, sentence, message, details }: JsonObject): string {
  if (asText(received) && asText(expected)) {
    const word = asText(input_name) ? "problem.unfit" : "problem.unfitHere";
    return t(word, { name: asText(input_name), received: asText(received), expected: asText(expected) });
  }
  const [plain, more] = [asText(sentence) || asText(message), asText(details)];
  return plain.includes(more) || asText(sentence) ? plain : `${plain}: ${more}`;
}

function given<K extends string>(name: K, value: Json | undefined): { [key in K]?: string } {
  return asText(value) ? ({ [name]: asText(value) } as { [key in K]?: string }) : {};
}
