/**
 * What packs add to the editor. Start with `Extension`: the whole interface, free of React, so that a pack is one plain
 * module:
 *
 *     import { extend } from "../../scripts/ldm_nodes.js";
 *
 *     extend({
 *       name: "my pack",
 *       fields: { STARS: (host, field) => { … } },
 *       commands: [{ id: "stars.reset", title: "Reset the stars", run: (editor) => { … } }],
 *       panels: [{ id: "stars", title: "Stars", mount: (host, editor) => { … } }],
 *       decorate: (node) => (node.type === "Stars" ? { text: "★", title: "Rated" } : undefined),
 *     });
 */
import { create } from "zustand";
import type { Command } from "../commands/command";
import type { Json } from "../graph/json";
import type { Editor } from "./editor";

/** A field of a card, as its pack sees it. */
export interface FieldContext {
  readonly value: Json;
  /** The options of the input, as the node class has them. */
  readonly options: Readonly<Record<string, Json>>;
  /** Set the value; edits in a row are one entry of the undo list until `settle`. */
  change(value: Json): void;
  settle(): void;
}

/** What a pack keeps of a field that it has drawn. */
export interface FieldView {
  /** The value has changed elsewhere: by undo, by another field, by a wire. */
  update(value: Json): void;
  destroy?(): void;
}

export type FieldMaker = (host: HTMLElement, field: FieldContext) => FieldView;

export interface ExtensionCommand {
  readonly id: string;
  readonly title: string;
  /** Such as `Ctrl+Shift+S`. Keys of the editor's own commands are not given away. */
  readonly keys?: readonly string[];
  readonly run: (editor: Editor) => unknown;
}

export interface ExtensionPanel {
  readonly id: string;
  readonly title: string;
  /** Fill the panel; what comes back is called when it closes. */
  readonly mount: (host: HTMLElement, editor: Editor) => undefined | (() => void);
}

/** A node as packs see it. */
export interface NodeView {
  readonly id: string;
  readonly type: string;
  readonly title: string;
  readonly values: Readonly<Record<string, Json>>;
}

/** A mark on a card: a word with an explanation. */
export interface Decoration {
  readonly text: string;
  readonly title: string;
  readonly tone?: "info" | "good" | "warn" | "bad";
}

export interface Extension {
  /** What notices call it. */
  readonly name: string;
  /** Fields for types of inputs that the editor does not know, or draws otherwise. */
  readonly fields?: Readonly<Record<string, FieldMaker>>;
  readonly commands?: readonly ExtensionCommand[];
  readonly panels?: readonly ExtensionPanel[];
  readonly decorate?: (node: NodeView) => Decoration | undefined;
}

/** Something of an extension, with the extension's name. */
export interface Owned<T> {
  readonly pack: string;
  readonly part: T;
}

export interface Extensions {
  readonly names: readonly string[];
  /** By the type of the input. */
  readonly fields: ReadonlyMap<string, Owned<FieldMaker>>;
  readonly commands: readonly Command[];
  readonly panels: readonly Owned<ExtensionPanel>[];
  readonly decorators: readonly Owned<NonNullable<Extension["decorate"]>>[];
  /** What may still change a prompt before it is sent, such as values that a pack computes in the browser. */
  readonly promptHooks: readonly ((prompt: Json) => Promise<Json>)[];
}

export const useExtensions = create<Extensions>(() => ({
  names: [],
  fields: new Map(),
  commands: [],
  panels: [],
  decorators: [],
  promptHooks: [],
}));

/** A prompt after everything that packs do to it. */
export async function hooked(prompt: Json): Promise<Json> {
  let changed = prompt;
  for (const hook of useExtensions.getState().promptHooks) changed = await hook(changed);
  return changed;
}
