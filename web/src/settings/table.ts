/** Every setting: its id among the user's settings on the server, its words, its choices, and where its value is. */

import { GRIDS, LINK_STYLES, MOTIONS, PREVIEW_METHODS, usePreferences } from "../store/preferences";
import { useRunOptions } from "../store/runOptions";
import { type Theme, useUi } from "../store/ui";
import { useView } from "../store/view";
import { t, type Word } from "../words";
import { LANGUAGES, useLanguage } from "../words/language";

export type Value = string | number | boolean;

export interface Choice {
  readonly value: Value;
  readonly label: string;
}

export interface Setting {
  readonly id: string;
  readonly title: Word;
  readonly help?: Word;
  /** Left out where it is on or off. */
  readonly choices?: () => readonly Choice[];
  readonly read: () => Value;
  readonly write: (value: Value) => void;
  /** Hear of every change. Returns how to stop. */
  readonly follow: (changed: () => void) => () => void;
}

/** A store of which one part is a setting. */
interface Store<State> {
  readonly getState: () => State;
  readonly setState: (part: Partial<State>) => void;
  readonly subscribe: (heard: () => void) => () => void;
}

function kept<State, Key extends keyof State & string>(store: Store<State>, key: Key) {
  return {
    read: () => store.getState()[key] as Value,
    write: (value: Value) => store.setState({ [key]: value } as unknown as Partial<State>),
    follow: (changed: () => void) => store.subscribe(changed),
  };
}

function named<V extends Value>(values: readonly V[], word: (value: V) => Word): () => Choice[] {
  return () => values.map((value) => ({ value, label: t(word(value)) }));
}

const THEMES: readonly Theme[] = ["system", "dark", "light", "contrast"];

export const SETTINGS: readonly Setting[] = [
  {
    id: "ldm_nodes.theme",
    title: "settings.theme",
    choices: named(THEMES, (theme) => `settings.theme.${theme}`),
    ...kept(useUi, "theme"),
  },
  {
    id: "ldm_nodes.language",
    title: "settings.language",
    choices: () => [
      { value: "system", label: t("settings.asBrowser") },
      ...Object.entries(LANGUAGES).flatMap(([tag, { name, hidden }]) => (hidden ? [] : [{ value: tag, label: name }])),
    ],
    ...kept(useLanguage, "choice"),
  },
  {
    id: "ldm_nodes.motion",
    title: "settings.motion",
    choices: named(MOTIONS, (motion) => `settings.motion.${motion}`),
    ...kept(usePreferences, "motion"),
  },
  { id: "ldm_nodes.previews", title: "command.previews", ...kept(useRunOptions, "previews") },
  {
    id: "ldm_nodes.preview_method",
    title: "settings.previewMethod",
    help: "settings.previewMethodHelp",
    choices: named(PREVIEW_METHODS, (method) => `settings.previewMethod.${method}`),
    ...kept(usePreferences, "previewMethod"),
  },
  {
    id: "ldm_nodes.links",
    title: "settings.links",
    choices: named(LINK_STYLES, (style) => `settings.links.${style}`),
    ...kept(usePreferences, "links"),
  },
  { id: "ldm_nodes.snap", title: "command.snap", ...kept(useView, "snap") },
  {
    id: "ldm_nodes.grid",
    title: "settings.grid",
    choices: () => GRIDS.map((value) => ({ value, label: t("settings.pixels", { count: value }) })),
    ...kept(usePreferences, "grid"),
  },
  { id: "ldm_nodes.minimap", title: "command.minimap", ...kept(useView, "minimap") },
  {
    id: "ldm_nodes.single_keys",
    title: "command.singleKeys",
    help: "settings.singleKeysHelp",
    ...kept(useUi, "singleKeys"),
  },
  {
    id: "ldm_nodes.confirm_close",
    title: "settings.confirmClose",
    help: "settings.confirmCloseHelp",
    ...kept(usePreferences, "confirmClose"),
  },
];

/** Whether a setting can have a value: what another version or another program kept may not be one. */
export function isValueOf({ choices, read }: Setting, value: unknown): value is Value {
  return choices ? choices().some((choice) => choice.value === value) : typeof value === typeof read();
}
