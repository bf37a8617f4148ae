/**
 * Which fields a node shows, in the order in which a document lists their values.
 *
 * The order follows from the class: every input of a plain type is a field, seeds bring a second one that says what
 * becomes of them after a run, uploads and remote lists bring buttons. The Python side is `engine/widgets.py`.
 */
import type { InputDefinition, NodeDefinition } from "./catalogue";
import { isNumber, isObject, isTruthy, type Json, own } from "./json";

export type WidgetKind = "INT" | "FLOAT" | "BOOLEAN" | "STRING" | "COMBO" | "CONTROL" | "ANY";

/** One field of a node. */
export interface Widget {
  /** The input that it fills; a button or a seed's control has a name of its own. No two fields of a node share one. */
  readonly name: string;
  /** Which values it takes. */
  readonly kind: WidgetKind;
  /** The input that it fills or goes with; undefined for a field that only the official editor has. */
  readonly input: InputDefinition | undefined;
  /** A prompt carries its value. */
  readonly sent: boolean;
  /** Its value in a new node; undefined if it has none. */
  readonly default: Json | undefined;
  /** Of a `COMBO`; empty where they are not known. */
  readonly choices: readonly Json[];
  readonly low: number | bigint | undefined;
  readonly high: number | bigint | undefined;
  /** `{a|b}` in its text is drawn from, and comments are taken out, before it is sent. */
  readonly dynamic: boolean;
  /** Whatever a document says, the default is sent. */
  readonly fixed: boolean;
}

export const CONTROL = "control_after_generate";
export const CONTROLS = ["fixed", "increment", "decrement", "randomize", "increment-wrap"] as const;
const SEEDS: ReadonlySet<string> = new Set(["seed", "noise_seed"]);
const FREE: ReadonlySet<string> = new Set([
  "FILEUPLOAD",
  "IMAGECOMPARE",
  "TREESELECT",
  "MULTISELECT",
  "CHART",
  "GALLERIA",
  "SELECTBUTTON",
  "WEBCAM",
  "AUDIO_RECORD",
  "LOAD_3D",
  "LOAD_3D_ANIMATION",
]);
/** Options of an input that bring a button, which has a value of its own. */
export const BRINGS_BUTTON: ReadonlySet<string> = new Set([
  "image_upload",
  "video_upload",
  "animated_image_upload",
  "audio_upload",
]);
/** Fields that the official editor adds to classes of its own server; what is sent for them is an empty text. */
const EDITOR_FIELDS: ReadonlyMap<string, string> = new Map([
  ["LoadAudio", "audioUI"],
  ["SaveAudio", "audioUI"],
  ["SaveAudioMP3", "audioUI"],
  ["SaveAudioOpus", "audioUI"],
  ["PreviewAudio", "audioUI"],
  ["Preview3D", "image"],
  ["Preview3DAnimation", "image"],
  ["SaveGLB", "image"],
  ["PreviewAny", "preview"],
]);
const BUTTONS_BEFORE: ReadonlyMap<string, number> = new Map([
  ["LOAD_3D", 3],
  ["LOAD_3D_ANIMATION", 2],
]);
const BUTTONS_AFTER: ReadonlyMap<string, number> = new Map([["AUDIO_RECORD", 1]]);

type Maker = (input: InputDefinition) => Widget;

const MAKERS: ReadonlyMap<string, Maker> = new Map<string, Maker>([
  ["INT", (input) => number(input, "INT")],
  ["FLOAT", (input) => number(input, "FLOAT")],
  ["BOOLEAN", (input) => field(input, "BOOLEAN", { default: given(input, false) })],
  ["COMBO", combo],
  ...["STRING", "MARKDOWN", "TEXTAREA", "COLOR"].map((type): [string, Maker] => [type, text]),
]);

const known = new WeakMap<NodeDefinition, readonly Widget[]>();

/** The fields of a node class in the order of their values; of one class always the same list. */
export function widgetsOf(definition: NodeDefinition): readonly Widget[] {
  const found = known.get(definition) ?? made(definition);
  known.set(definition, found);
  return found;
}

/** Is an input a field of the node, and not only a socket? */
export function isWidget(input: InputDefinition): boolean {
  const { forceInput, defaultInput } = input.options;
  if (forceInput || (defaultInput && !input.required)) return false;
  return input.drawn || MAKERS.has(widgetType(input)) || FREE.has(widgetType(input));
}

/** The type that decides which field an input is drawn as. */
export function widgetType(input: InputDefinition): string {
  const told = input.options.widgetType;
  return typeof told === "string" && told ? told : input.type;
}

function made(definition: NodeDefinition): readonly Widget[] {
  const found = definition.inputs.filter(isWidget).flatMap(widgetsOfInput);
  const extra = EDITOR_FIELDS.get(definition.name);
  if (extra) found.push({ ...plain(extra, "ANY"), default: "", fixed: true });
  const upload = definition.inputs.find((input) => [...BRINGS_BUTTON].some((flag) => input.options[flag]));
  if (upload) found.push(button("upload", "image", upload));
  return withOwnNames(found);
}

/** Companions that share a name get that of the input that they go with behind it. */
function withOwnNames(widgets: readonly Widget[]): Widget[] {
  const taken = new Set<string>();
  return widgets.map((widget) => {
    const isRepeated = !widget.sent && taken.has(widget.name);
    const name = isRepeated ? `${widget.name} (${widget.input?.name ?? taken.size})` : widget.name;
    taken.add(name);
    return isRepeated ? { ...widget, name } : widget;
  });
}

function widgetsOfInput(input: InputDefinition): Widget[] {
  const type = widgetType(input);
  const make = MAKERS.get(type) ?? ((item) => field(item, "ANY", { default: given(item, "") }));
  const buttons = (count = 0) => Array.from({ length: count }, (_, index) => button(`button ${index}`, "", input));
  return [...buttons(BUTTONS_BEFORE.get(type)), make(input), ...companions(input), ...buttons(BUTTONS_AFTER.get(type))];
}

/** What comes with an input: what becomes of a seed, and the buttons of a remote list. */
function companions(input: InputDefinition): Widget[] {
  const told = own(input.options, CONTROL);
  const control = told === undefined ? input.type === "INT" && SEEDS.has(input.name) : told;
  if (!isTruthy(control) || !["INT", "COMBO"].includes(input.type)) return remote(input);
  const name = typeof control === "string" ? control : CONTROL;
  const after = field(input, "CONTROL", { name, sent: false, default: "randomize", choices: CONTROLS });
  return [after, ...(input.type === "COMBO" ? [button("control_filter_list", "", input)] : []), ...remote(input)];
}

function remote(input: InputDefinition): Widget[] {
  const { remote } = input.options;
  if (input.type !== "COMBO" || !isObject(remote) || !isTruthy(remote.refresh_button)) return [];
  return [
    field(input, "BOOLEAN", { name: "auto_refresh", sent: false, default: false }),
    field(input, "ANY", { name: "refresh", default: "refresh", fixed: true }),
  ];
}

function number(input: InputDefinition, kind: "INT" | "FLOAT"): Widget {
  const [low, high] = [input.options.min, input.options.max].map((bound) => (isNumber(bound) ? bound : undefined));
  return field(input, kind, { default: given(input, low !== undefined && low > 0 ? low : 0), low, high });
}

function text(input: InputDefinition): Widget {
  return field(input, "STRING", { default: given(input, ""), dynamic: isTruthy(input.options.dynamicPrompts) });
}

function combo(input: InputDefinition): Widget {
  const { multi_select, multiselect } = input.options;
  if (isTruthy(multi_select) || isTruthy(multiselect)) return field(input, "ANY", { default: given(input, []) });
  const choices = input.choices ?? [];
  return field(input, "COMBO", { default: given(input, choices[0]), choices });
}

function given<T extends Json | undefined>(input: InputDefinition, otherwise: T): Json | T {
  return Object.hasOwn(input.options, "default") ? (input.options.default ?? null) : otherwise;
}

function button(name: string, value: string, input: InputDefinition): Widget {
  return field(input, "ANY", { name, sent: false, default: value });
}

function field(input: InputDefinition, kind: WidgetKind, more: Partial<Widget>): Widget {
  return { ...plain(input.name, kind), input, ...more };
}

function plain(name: string, kind: WidgetKind): Widget {
  return {
    name,
    kind,
    input: undefined,
    sent: true,
    default: undefined,
    choices: [],
    low: undefined,
    high: undefined,
    dynamic: false,
    fixed: false,
  };
}
