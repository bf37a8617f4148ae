/** The rows of a node's card: one per field, with what belongs to it beside it. */
import type { InputDefinition, NodeDefinition } from "../graph/catalogue";
import { isObject, type JsonObject } from "../graph/json";
import { type Widget, widgetsOf, widgetType } from "../graph/widgets";

/** Which component draws a field; a row of `table.ts`. */
export type FieldKind =
  | "number"
  | "slider"
  | "knob"
  | "seed"
  | "toggle"
  | "line"
  | "paragraph"
  | "color"
  | "choice"
  | "choices"
  | "file"
  | "json";

export interface Row {
  readonly name: string;
  readonly kind: FieldKind;
  readonly input: InputDefinition;
  readonly widget: Widget;
  /** What becomes of the value after each run. */
  readonly control: Widget | undefined;
  /** Which choices that may pick from. */
  readonly filter: Widget | undefined;
  readonly remote: JsonObject | undefined;
}

/** What kinds of files an input takes, by its option. */
const UPLOADS: Readonly<Record<string, string>> = {
  image_upload: "image/*",
  animated_image_upload: "image/*",
  video_upload: "video/*",
  audio_upload: "audio/*",
  file_upload: "",
};

/** An option of an input that can be uploaded without having a button of its own; it tells the kinds of files. */
export const ACCEPTS = "accepts";

/** Also on the instance of a subgraph, which says only inside what becomes of them. */
const SEEDS: ReadonlySet<string> = new Set(["seed", "noise_seed"]);

const known = new WeakMap<NodeDefinition, readonly Row[]>();

/** The fields of a class in their order; of one class always the same list. */
export function rowsOf(definition: NodeDefinition): readonly Row[] {
  const before = known.get(definition);
  if (before) return before;
  const widgets = widgetsOf(definition);
  const rows = widgets.flatMap((widget) => {
    const input = widget.input;
    return input && widget.name === input.name && !input.options.hidden ? [rowOf(widget, input, widgets)] : [];
  });
  known.set(definition, rows);
  return rows;
}

function rowOf(widget: Widget, input: InputDefinition, widgets: readonly Widget[]): Row {
  const beside = widgets.filter((other) => other.input === input && other !== widget);
  const control = beside.find((other) => other.kind === "CONTROL");
  return {
    name: input.name,
    kind: kindOf(widget, input, control !== undefined),
    input,
    widget,
    control,
    filter: control && beside.find((other) => other.name.startsWith("control_filter_list")),
    remote: isObject(input.options.remote) ? input.options.remote : undefined,
  };
}

function kindOf(widget: Widget, input: InputDefinition, isControlled: boolean): FieldKind {
  const { options } = input;
  switch (widgetType(input)) {
    case "INT":
      return isControlled || SEEDS.has(input.name) ? "seed" : scaleKind(options);
    case "FLOAT":
      return scaleKind(options);
    case "BOOLEAN":
      return "toggle";
    case "COMBO":
      return widget.kind === "ANY" ? "choices" : uploadOf(input) === undefined ? "choice" : "file";
    case "COLOR":
      return "color";
    case "STRING":
      return options.multiline ? "paragraph" : "line";
    case "MARKDOWN":
    case "TEXTAREA":
      return "paragraph";
    default:
      return "json";
  }
}

function scaleKind({ display }: JsonObject): FieldKind {
  return display === "slider" || display === "knob" ? display : "number";
}

/** The files that can be uploaded for an input, as a file dialog wants it; undefined where none can. */
export function uploadOf({ options }: InputDefinition): string | undefined {
  const told = options[ACCEPTS];
  return typeof told === "string" ? told : Object.entries(UPLOADS).find(([flag]) => options[flag])?.[1];
}

/** The name of an input as people read it. */
export function labelOf(input: InputDefinition): string {
  const told = input.options.display_name;
  return typeof told === "string" && told ? told : input.name.replaceAll("_", " ");
}
