/** The texts in a WebP file: those of its EXIF chunk. */
import { type Bytes, latin, startsWith, u32 } from "./bytes";
import { exifTexts } from "./exif";

export function isWebp(bytes: Uint8Array): boolean {
  return startsWith(bytes, "RIFF") && startsWith(bytes, "WEBP", 8);
}

export function webpTexts(bytes: Bytes): ReadonlyMap<string, string> {
  let at = 12;
  while (isWebp(bytes) && at + 8 <= bytes.length) {
    const size = u32(bytes, at + 4, true);
    if (latin(bytes.subarray(at, at + 4)) === "EXIF") return exifTexts(bytes.subarray(at + 8, at + 8 + size));
    at += 8 + size + (size % 2);
  }
  return new Map();
}
