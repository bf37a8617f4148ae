/** A value of a kind that this editor has no field for: kept, and shown as JSON that can be changed. */
import { type Json, parseJson, writeJson } from "../graph/json";
import { t } from "../words";
import { useTyped } from "./drafts";
import type { FieldProps } from "./field";
import { writeOnce } from "./writing";

function read(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined; // what is typed is no JSON, and the field says so
  }
}

export function JsonField({ place, row, value, id, describedBy, isWrong }: FieldProps) {
  const { text, type, enter } = useTyped((typed) => {
    const next = read(typed);
    if (next !== undefined) writeOnce(place, row.name, next);
  });
  const isBroken = text !== null && read(text) === undefined;
  return (
    <input
      id={id}
      className="line-input json-input nodrag nopan"
      spellCheck={false}
      aria-invalid={isWrong || isBroken || undefined}
      aria-describedby={describedBy}
      title={isBroken ? t("json.wrong") : undefined}
      value={text ?? (value === undefined ? "" : writeJson(value))}
      onChange={(event) => type(event.target.value)}
      onBlur={enter}
      onKeyDown={(event) => event.key === "Enter" && enter()}
    />
  );
}
