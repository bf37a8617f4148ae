/** The texts in EXIF data, as ComfyUI puts graphs there: `prompt:{…}` and `workflow:{…}` under any tag of the camera. */
import { type Bytes, splitAtZero, startsWith, u16, u32, utf8 } from "./bytes";

const ASCII = 2;
const ENTRY = 12;
/** More entries than any camera writes. */
const MOST = 1000;
const KEY = /^([A-Za-z_][\w-]{0,63}):(.*)$/s;

/** Texts by the key before their colon. */
export function exifTexts(data: Bytes): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const text of asciiFields(data)) {
    const [, key, value] = KEY.exec(text) ?? [];
    if (key !== undefined && value !== undefined && !texts.has(key)) texts.set(key, value);
  }
  return texts;
}

function* asciiFields(data: Bytes): Generator<string> {
  const exif = startsWith(data, "Exif\0\0") ? data.subarray(6) : data;
  const little = startsWith(exif, "II");
  if (!little && !startsWith(exif, "MM")) return;
  const start = u32(exif, 4, little);
  const count = Math.min(u16(exif, start, little), MOST);
  for (let index = 0; index < count; index += 1) {
    const at = start + 2 + index * ENTRY;
    if (u16(exif, at + 2, little) !== ASCII) continue;
    const length = u32(exif, at + 4, little);
    const place = length <= 4 ? at + 8 : u32(exif, at + 8, little);
    const [text] = splitAtZero(exif.subarray(place, place + length));
    yield utf8(text);
  }
}
