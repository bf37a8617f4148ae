/** The texts in a JPEG file: those of its EXIF segment. */
import { type Bytes, startsWith, u16 } from "./bytes";
import { exifTexts } from "./exif";

export const JPEG = "\xff\xd8\xff";
const EXIF = 0xffe1;
const SCAN = 0xffda;

export function jpegTexts(bytes: Bytes): ReadonlyMap<string, string> {
  let at = 2;
  while (startsWith(bytes, JPEG) && at + 4 <= bytes.length) {
    const marker = u16(bytes, at);
    const size = u16(bytes, at + 2);
    const data = bytes.subarray(at + 4, at + 2 + size);
    if (marker === EXIF && startsWith(data, "Exif\0\0")) return exifTexts(data);
    if (marker === SCAN || marker < 0xff00 || size < 2) break;
    at += 2 + size;
  }
  return new Map();
}
