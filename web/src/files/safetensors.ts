/** The texts in the header of a safetensors file, such as a saved latent: only the header is ever read. */
import { asObject } from "../graph/json";
import { type Bytes, u32, utf8 } from "./bytes";
import { readJson } from "./jsonText";

/** Longer headers are refused. */
export const LONGEST_HEADER = 32 << 20;

/** How many bytes the header with its length takes; undefined where these are no bytes of such a file. */
export function headerSize(start: Uint8Array): number | undefined {
  const length = u32(start, 0, true);
  const plausible = start.length > 8 && u32(start, 4, true) === 0 && length >= 2 && start[8] === "{".charCodeAt(0);
  return plausible && length <= LONGEST_HEADER ? length + 8 : undefined;
}

/** @throws Unreadable when the header is no JSON. */
export function safetensorsTexts(header: Bytes): ReadonlyMap<string, string> {
  const size = headerSize(header);
  if (size === undefined) return new Map();
  const metadata = asObject(asObject(readJson(utf8(header.subarray(8, size)))).__metadata__);
  return new Map(Object.entries(metadata).flatMap(([key, text]) => (typeof text === "string" ? [[key, text]] : [])));
}
