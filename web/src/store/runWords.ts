/** What the engine says of a node, as a sentence: why it ran. */
import { asList, asObject, asText, type JsonObject } from "../graph/json";
import { t, type Word } from "../words";

const CAUSES: Readonly<Record<string, Word>> = {
  new: "cause.new",
  class: "cause.class",
  constant: "cause.constant",
  rewired: "cause.rewired",
  upstream: "cause.upstream",
  fingerprint: "cause.fingerprint",
  always: "cause.always",
  unfinished: "cause.unfinished",
  dropped: "cause.dropped",
  same_bytes: "cause.same_bytes",
  twin: "cause.twin",
};

/** Why a node ran, or why it was reused although something changed. */
export function causeWords(record: JsonObject): string {
  const causes = asList(record.causes).map((cause) => oneCause(asObject(cause)));
  if (causes.length > 0) return causes.join("; ");
  if (record.status === "skipped") return t("cause.skipped");
  return record.status === "reused" ? t(record.source === "disk" ? "cause.disk" : "cause.unchanged") : "";
}

function oneCause(cause: JsonObject): string {
  const word = CAUSES[asText(cause.kind)];
  const parts = { name: asText(cause.input_name), before: asText(cause.before), after: asText(cause.after) };
  return word ? t(word, parts) : asText(cause.text) || asText(cause.kind);
}
