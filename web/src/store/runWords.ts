/** What the engine says of a node, as a sentence: why it ran, and what went wrong. */
import { asList, asObject, asText, type Json, type JsonObject } from "../graph/json";
import type { NodeProblem } from "../graph/problems";
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

/** A node's failure, from the engine's `Problem`. */
export function runProblem(problem: JsonObject): NodeProblem {
  const said = asText(problem.sentence) || asText(problem.message);
  const more = asText(problem.details);
  const message = said.includes(more) || problem.sentence || problem.expected ? said : `${said}: ${more}`;
  const details = [
    part("problem.received", problem.received),
    part("problem.producer", problem.producer),
    part("problem.expected", problem.expected),
  ].filter(Boolean);
  return {
    message,
    ...given("input", problem.input_name),
    ...given("remedy", problem.remedy),
    ...given("details", details.join(" ")),
  };
}

function part(word: Word, value: Json | undefined): string {
  return asText(value) ? t(word, { value: asText(value) }) : "";
}

function given<K extends string>(name: K, value: Json | undefined): { [key in K]?: string } {
  return asText(value) ? ({ [name]: asText(value) } as { [key in K]?: string }) : {};
}
