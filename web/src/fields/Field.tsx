/**
 * One field of a node, on its card, in the inspector or in a form: label, control, problem; or where its value comes
 * from while a wire is in its socket.
 */
import { type KeyboardEvent, memo, useId } from "react";
import { perform } from "../commands";
import type { NodeDefinition } from "../graph/catalogue";
import type { GraphNode } from "../graph/document";
import { equal } from "../graph/equal";
import { asText, type Json } from "../graph/json";
import { readValues } from "../graph/widgetValues";
import { useRuns } from "../store/run";
import { t } from "../words";
import { textOf } from "./choices";
import { labelOf, type Row, rowsOf } from "./rows";
import { useFieldRow } from "./table";
import { Wired } from "./Wired";
import { type Place, usePlace, writeOnce } from "./writing";

interface Props {
  readonly node: GraphNode;
  readonly definition: NodeDefinition;
  /** The name of the input. */
  readonly name: string;
  readonly promptId: string;
}

/** A field by the name of its input; nothing where the class has none of that name. */
export function Field({ node, definition, name, promptId }: Props) {
  const place = usePlace(promptId, definition);
  const row = rowsOf(definition).find((one) => one.name === name);
  return row ? <FieldOf node={node} row={row} place={place} /> : null;
}

/** A field of a node. It is drawn again only when its own value, label or wire changes. */
export function FieldOf({ node, row, place }: { readonly node: GraphNode; readonly row: Row; readonly place: Place }) {
  const values = readValues(node, place.definition);
  const slot = node.inputs.find((input) => input.widget === row.name);
  return (
    <FieldBody
      place={place}
      row={row}
      value={values.get(row.name)}
      control={row.control && values.get(row.control.name)}
      filter={row.filter && values.get(row.filter.name)}
      label={asText(slot?.raw.label) || labelOf(row.input)}
      link={slot?.link ?? null}
    />
  );
}

interface BodyProps {
  readonly place: Place;
  readonly row: Row;
  readonly value: Json | undefined;
  readonly control: Json | undefined;
  readonly filter: Json | undefined;
  readonly label: string;
  readonly link: number | null;
}

const FieldBody = memo(function FieldBody({ link, label, ...rest }: BodyProps) {
  const id = useId();
  const { place, row } = rest;
  const { Field: Control, isWide } = useFieldRow(row);
  const problem = useRuns(
    (runs) => runs.problems.get(place.promptId)?.find(({ input }) => input === row.name)?.message,
  );
  const remark = asText(row.input.options.tooltip);
  const usual = row.widget.default;
  const reset = usual === undefined || equal(rest.value, usual) ? undefined : () => writeOnce(place, row.name, usual);
  if (link !== null) return <Wired place={place} name={row.name} label={label} link={link} />;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only hears what its control does not take.
    <div
      className="field"
      data-kind={row.kind}
      data-wide={isWide || undefined}
      data-stacked={row.control || row.kind === "seed" ? true : undefined}
      title={remark || undefined}
      onKeyDown={(event) => onFieldKey(event, reset)}
    >
      <label
        htmlFor={id}
        className="field-label"
        title={reset && t("field.reset", { value: textOf(row.widget.default) })}
        onDoubleClick={reset}
      >
        {label}
      </label>
      <div className="field-control">
        <Control
          {...rest}
          label={label}
          id={id}
          describedBy={problem ? `${id}-problem` : undefined}
          isWrong={problem !== undefined}
        />
        {problem && (
          <span id={`${id}-problem`} className="field-problem">
            {problem}
          </span>
        )}
      </div>
    </div>
  );
});

/**
 * Undo and redo are the document's in fields too, so that one list tells everything that was done. Alt+Backspace takes
 * the usual value.
 */
function onFieldKey(event: KeyboardEvent, reset: (() => void) | undefined): void {
  const key = event.key.toLowerCase();
  const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey;
  const actions: Readonly<Record<string, (() => void) | undefined>> = isCommand
    ? { z: () => void perform(event.shiftKey ? "edit.redo" : "edit.undo"), y: () => void perform("edit.redo") }
    : event.altKey
      ? { backspace: reset }
      : {};
  if (!Object.hasOwn(actions, key)) return;
  event.preventDefault();
  event.stopPropagation();
  actions[key]?.();
}
