/** Node classes as the server's `/object_info` tells them, as values. The Python side is `engine/catalogue.py`. */
import { asList, asObject, asText, isList, isObject, type Json, type JsonObject } from "./json";

export interface InputDefinition {
  readonly name: string;
  /** A type name; `COMBO` for a list of choices. */
  readonly type: string;
  /** Of a list; undefined where it is none, or where a remote list is not known yet. */
  readonly choices: readonly Json[] | undefined;
  readonly required: boolean;
  readonly options: JsonObject;
  /** A pack draws it as a field, whatever its type. */
  readonly drawn?: boolean;
}

export interface OutputDefinition {
  readonly name: string;
  readonly type: Json;
  readonly isList: boolean;
  readonly tooltip: string;
}

export interface NodeDefinition {
  readonly name: string;
  readonly title: string;
  readonly category: string;
  readonly description: string;
  readonly aliases: readonly string[];
  readonly inputs: readonly InputDefinition[];
  readonly outputs: readonly OutputDefinition[];
  readonly isOutput: boolean;
  readonly deprecated: boolean;
  readonly experimental: boolean;
  /** The module of the pack it comes from, as the server names it. */
  readonly module: string;
  /** The entry as the server wrote it, for extensions. */
  readonly info: JsonObject;
}

export type Catalogue = ReadonlyMap<string, NodeDefinition>;

/** @param drawn types of inputs that packs draw as fields. */
export function readCatalogue(entries: unknown, drawn: ReadonlySet<string> = new Set()): Catalogue {
  const found = Object.entries(asObject(entries)).filter(([, info]) => isObject(info));
  return new Map(found.map(([name, info]) => [name, readDefinition(name, asObject(info), drawn)]));
}

export function readDefinition(name: string, info: JsonObject, drawn: ReadonlySet<string> = new Set()): NodeDefinition {
  return {
    name,
    title: asText(info.display_name) || name,
    category: asText(info.category),
    description: asText(info.description),
    aliases: asList(info.search_aliases).filter((alias) => typeof alias === "string"),
    inputs: readInputs(info).map((input) => (drawn.has(input.type) ? { ...input, drawn: true } : input)),
    outputs: readOutputs(info),
    isOutput: info.output_node === true,
    deprecated: info.deprecated === true,
    experimental: info.experimental === true,
    module: asText(info.python_module),
    info,
  };
}

function readInputs(info: JsonObject): InputDefinition[] {
  const sections = asObject(info.input);
  const orders = asObject(info.input_order);
  return (["required", "optional"] as const).flatMap((section) => {
    const inputs = asObject(sections[section]);
    const ordered = asList(orders[section]).filter(
      (name): name is string => typeof name === "string" && name in inputs,
    );
    const names = [...new Set([...ordered, ...Object.keys(inputs)])];
    return names.map((name) => readInput(name, inputs[name], section === "required"));
  });
}

function readInput(name: string, written: Json | undefined, required: boolean): InputDefinition {
  const [type, given] = isList(written) ? written : [written];
  const options = asObject(given);
  if (isList(type)) return { name, type: "COMBO", choices: type, required, options };
  const choices = type === "COMBO" && isList(options.options) ? options.options : undefined;
  return { name, type: asText(type) || "*", choices, required, options };
}

function readOutputs(info: JsonObject): OutputDefinition[] {
  const names = asList(info.output_name);
  const lists = asList(info.output_is_list);
  const tooltips = asList(info.output_tooltips);
  return asList(info.output).map((type, index) => ({
    name: asText(names[index]) || (typeof type === "string" ? type : "COMBO"),
    type,
    isList: lists[index] === true,
    tooltip: asText(tooltips[index]),
  }));
}
