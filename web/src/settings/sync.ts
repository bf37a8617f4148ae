/** Settings go with the user: the server's are taken at the start, and what is changed here is sent to it. */
import { getJson, postJson } from "../api/client";
import { asObject } from "../graph/json";
import { isValueOf, SETTINGS } from "./table";

/** @returns when the settings of the server are in use. A server that keeps none leaves those of the browser. */
export async function startSettings(): Promise<void> {
  const kept = asObject(await getJson("settings"));
  for (const setting of SETTINGS) {
    const value = kept[setting.id];
    if (isValueOf(setting, value)) setting.write(value);
  }
  for (const setting of SETTINGS) {
    let known = setting.read();
    setting.follow(() => {
      const value = setting.read();
      if (value === known) return;
      known = value;
      // What the server does not keep, this browser keeps all the same.
      void postJson(`settings/${setting.id}`, value).catch(() => undefined);
    });
  }
}
