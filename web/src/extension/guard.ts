/** Code of packs runs here, and nowhere else unguarded: what fails is named once, and the page goes on. */
import { notify } from "../store/ui";
import { t } from "../words";

const told = new Set<string>();

/** Do something of a pack; undefined where it failed. */
export function guarded<T>(pack: string, what: string, run: () => T): T | undefined {
  try {
    const done = run();
    if (done instanceof Promise) done.catch((error: unknown) => tell(pack, what, error));
    return done;
  } catch (error) {
    tell(pack, what, error);
    return undefined;
  }
}

export async function guardedAsync<T>(pack: string, what: string, run: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    tell(pack, what, error);
    return undefined;
  }
}

/** Say that a pack asked for something that the editor does not have. */
export function missing(pack: string, name: string): void {
  once(`${pack} ${name}`, t("extension.missing", { pack, name }));
}

function tell(pack: string, what: string, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  once(`${pack} ${what} ${message}`, t("extension.failed", { pack, what, message }));
}

function once(key: string, text: string): void {
  if (told.has(key)) return;
  told.add(key);
  notify("warn", text);
}
