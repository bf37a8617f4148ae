/** Settings go with the user: the server's are taken at the start, and what is changed here is sent to it. */
import { getJson, postJson } from "../api/client";
import { asObject } from "../graph/json";
import { isValueOf, SETTINGS, type Setting } from "./table";

/** Where the browser keeps which settings the server has not got yet: there its own value counts. */
const UNSENT = "ldm_nodes.unsent";

/** @returns when the settings of the server are in use. A server that keeps none leaves those of the browser. */
export async function startSettings(): Promise<void> {
  const kept = asObject(await getJson("settings"));
  const waiting = unsent();
  for (const setting of SETTINGS) {
    const value = kept[setting.id];
    if (waiting.has(setting.id)) send(setting);
    else if (isValueOf(setting, value)) setting.write(value);
  }
  for (const setting of SETTINGS) {
    let known = setting.read();
    setting.follow(() => {
      if (setting.read() === known) return;
      known = setting.read();
      send(setting);
    });
  }
}

let before: Promise<void> = Promise.resolve();

/** Send one after the other, or an older value could arrive last. */
function send(setting: Setting): void {
  mark(setting.id, true);
  before = before.then(async () => {
    const value = setting.read();
    try {
      await postJson(`settings/${setting.id}`, value);
      if (setting.read() === value) mark(setting.id, false);
    } catch {
      // It stays marked: what the server does not get now, it gets at the next start.
    }
  });
}

function unsent(): Set<string> {
  return new Set((localStorage.getItem(UNSENT) ?? "").split(" ").filter(Boolean));
}

function mark(id: string, waits: boolean): void {
  const ids = unsent();
  if (waits) ids.add(id);
  else ids.delete(id);
  localStorage.setItem(UNSENT, [...ids].join(" "));
}
