/** A value of a kind that this editor has no field for: kept, and shown as JSON that can be changed. */
import { useState } from "react";
import { type Json, parseJson, writeJson } from "../graph/json";
import { t } from "../words";
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
  const [typed, setTyped] = useState<string | null>(null);
  const isBroken = typed !== null && read(typed) === undefined;
  const finish = () => {
    const next = typed === null ? undefined : read(typed);
    setTyped(null);
    if (next !== undefined) writeOnce(place, row.name, next);
  };
  return (
    <input
      id={id}
      className="line-input json-input nodrag nopan"
      spellCheck={false}
      aria-invalid={isWrong || isBroken || undefined}
      aria-describedby={describedBy}
      title={isBroken ? t("json.wrong") : undefined}
      value={typed ?? (value === undefined ? "" : writeJson(value))}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={finish}
      onKeyDown={(event) => event.key === "Enter" && finish()}
    />
  );
}
