/** Stand-ins for what the editor does not have: asking for it is told once, with the name of the pack. */
import { missing } from "../guard";
import { speaker } from "./hooks";

/** An object whose known parts work; any other part is undefined, so that packs can ask whether it is there. */
export function lenient<T extends object>(name: string, known: T): T {
  return new Proxy(known, {
    get(target, key, receiver) {
      if (key in target || typeof key === "symbol" || key === "then") return Reflect.get(target, key, receiver);
      missing(speaker(), `${name}.${key}`);
      return undefined;
    },
  });
}

/** A prototype that packs patch to draw on ComfyUI's canvas: patches are kept, never called, and told. */
export function undrawn(name: string): object {
  return new Proxy(
    {},
    {
      set(target, key, value) {
        if (typeof value === "function") missing(speaker(), `${name}.prototype.${String(key)}`);
        return Reflect.set(target, key, value);
      },
    },
  );
}
