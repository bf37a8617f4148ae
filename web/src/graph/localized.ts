/** What packs call their nodes and inputs in a language: the `nodeDefs` of `/i18n`, put into the server's entries. */
import { asObject, asText, isObject, type Json, type JsonObject } from "./json";

/** The entries of `/object_info` with the names that `nodeDefs` has for them. */
export function localized(entries: unknown, nodeDefs: unknown): JsonObject {
  const changed = Object.entries(asObject(nodeDefs)).flatMap(([name, words]): [string, JsonObject][] => {
    const info = asObject(entries)[name];
    return isObject(info) && isObject(words) ? [[name, spoken(info, words)]] : [];
  });
  return { ...asObject(entries), ...Object.fromEntries(changed) };
}

function spoken(info: JsonObject, words: JsonObject): JsonObject {
  const inputs = asObject(words.inputs);
  const sections = Object.entries(asObject(info.input)).map(([section, written]) => [section, named(written, inputs)]);
  return {
    ...info,
    ...given("display_name", words.display_name),
    ...given("description", words.description),
    input: Object.fromEntries(sections),
  };
}

/** One section of inputs: the name that people read is an option of an input. */
function named(section: Json | undefined, words: JsonObject): Json {
  const inputs = Object.entries(asObject(section)).map(([name, written]): [string, Json] => {
    const { name: label, tooltip } = asObject(words[name]);
    const [type, options] = Array.isArray(written) ? written : [written];
    const said = { ...given("display_name", label), ...given("tooltip", tooltip) };
    return Object.keys(said).length > 0 ? [name, [type ?? "*", { ...asObject(options), ...said }]] : [name, written];
  });
  return Object.fromEntries(inputs);
}

function given(name: string, text: Json | undefined): JsonObject {
  return asText(text) ? { [name]: asText(text) } : {};
}
