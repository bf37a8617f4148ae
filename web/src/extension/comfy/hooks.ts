/** ComfyUI's extension objects, and how their hooks are called: in order, each guarded under its pack's name. */
import { t } from "../../words";
import { guarded, guardedAsync } from "../guard";
import type { ComfyNode } from "./node";

type Hook = (...values: never[]) => unknown;

/** What `app.registerExtension` takes. Hooks that the editor does not call are kept and ignored. */
export interface ComfyExtension {
  readonly name: string;
  readonly [part: string]: unknown;
}

const extensions: ComfyExtension[] = [];
let speaking = "";

/** The pack whose code runs now, as far as that is known. */
export function speaker(): string {
  return speaking || t("extension.somePack");
}

export function register(extension: ComfyExtension): void {
  extensions.push(extension);
}

export function registered(): readonly ComfyExtension[] {
  return extensions;
}

/** Call a hook of every extension that has it. */
export function call(name: string, ...values: readonly unknown[]): void {
  for (const extension of extensions) {
    speak(extension.name, () =>
      guarded(extension.name, name, () => hookOf(extension, name)?.apply(extension, values as never[])),
    );
  }
}

/** Call a hook of every extension, one after the other, and wait for each. */
export async function callAsync(name: string, ...values: readonly unknown[]): Promise<unknown[]> {
  const answers: unknown[] = [];
  for (const extension of extensions) {
    const before = speaking;
    speaking = extension.name;
    answers.push(
      await guardedAsync(extension.name, name, () => hookOf(extension, name)?.apply(extension, values as never[])),
    );
    speaking = before;
  }
  return answers;
}

/** Call what a pack has put on a node's prototype. */
export function callNode(node: ComfyNode, name: string, ...values: readonly unknown[]): void {
  const hook = node[name];
  if (typeof hook !== "function") return;
  const pack = node.pack || node.type;
  speak(pack, () => guarded(pack, name, () => hook.apply(node, values)));
}

function speak(name: string, run: () => void): void {
  const before = speaking;
  speaking = name;
  run();
  speaking = before;
}

function hookOf(extension: ComfyExtension, name: string): Hook | undefined {
  const hook = extension[name];
  return typeof hook === "function" ? (hook as Hook) : undefined;
}
