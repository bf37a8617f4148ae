/** Every command of the editor. Start with a family's file. */
import { useExtensions } from "../extension/registry";
import { flushDrafts } from "../fields/drafts";

import { ARRANGE } from "./arrange";
import { CLIPBOARD } from "./clipboard";
import { type Command, canDo } from "./command";
import { EDIT } from "./edit";
import { FILE } from "./file";
import { LOOK } from "./look";
import { RUN } from "./run";
import { SUBGRAPH } from "./subgraph";
import { HELP, VIEW } from "./view";
import { TOOLS, WIRES } from "./wires";

export const COMMANDS: readonly Command[] = [
  ...FILE,
  ...EDIT,
  ...CLIPBOARD,
  ...WIRES,
  ...LOOK,
  ...SUBGRAPH,
  ...ARRANGE,
  ...VIEW,
  ...TOOLS,
  ...RUN,
  ...HELP,
];

/** Those of the editor and, after them, those that packs brought. */
export function allCommands(): readonly Command[] {
  return [...COMMANDS, ...useExtensions.getState().commands];
}

export function commandOf(id: string): Command | undefined {
  return allCommands().find((command) => command.id === id);
}

/** Do a command if it can be done now. What is being typed belongs to the document first. */
export async function perform(id: string): Promise<void> {
  flushDrafts();
  const command = commandOf(id);
  if (command && canDo(command)) await command.run();
}
