/** Takes in what a pack brings: each part goes to where the editor looks for it. */
import type { Command } from "../commands/command";
import { registerField } from "../fields/table";
import { drawType } from "../store/catalogue";
import { BroughtField } from "./BroughtField";
import { editorFor } from "./editor";
import { guardedAsync } from "./guard";
import { type Extension, type ExtensionCommand, type Owned, useExtensions } from "./registry";

export function extend({ name, fields = {}, commands = [], panels = [], decorate }: Extension): void {
  const owned = <T>(part: T): Owned<T> => ({ pack: name, part });
  for (const type of Object.keys(fields)) {
    registerField(type, { Field: BroughtField, isWide: true });
    drawType(type);
  }
  useExtensions.setState((state) => ({
    names: [...state.names, name],
    fields: new Map([...state.fields, ...Object.entries(fields).map(([type, make]) => [type, owned(make)] as const)]),
    commands: [...state.commands, ...commands.map((command) => commandOf(name, command))],
    panels: [...state.panels, ...panels.map(owned)],
    decorators: decorate ? [...state.decorators, owned(decorate)] : state.decorators,
  }));
}

function commandOf(pack: string, { id, title, keys = [], run }: ExtensionCommand): Command {
  return {
    id: `packs.${id}`,
    title: { text: title },
    keys,
    run: () => guardedAsync(pack, title, () => run(editorFor(pack))),
  };
}
