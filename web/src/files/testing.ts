/** Files as other programs write them, for the tests of readers. */
import type { Bytes } from "./bytes";

export type Part = string | Uint8Array | readonly number[];

export function bytes(...parts: readonly Part[]): Bytes {
  const whole = parts.flatMap((part) =>
    typeof part === "string" ? [...part].map((letter) => letter.charCodeAt(0)) : [...part],
  );
  return Uint8Array.from(whole);
}

export function be32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

export function le32(value: number): number[] {
  return be32(value).reverse();
}

export function chunk(type: string, data: Uint8Array): Bytes {
  return bytes(be32(data.length), type, data, [0, 0, 0, 0]);
}

export function png(...chunks: readonly Uint8Array[]): Bytes {
  return bytes("\x89PNG\r\n\x1a\n", ...chunks, chunk("IEND", bytes()));
}

export async function deflated(data: Uint8Array<ArrayBuffer>): Promise<Bytes> {
  const stream = new Blob([data]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** EXIF data with texts under tags, as Pillow writes it. */
export function exif(texts: Readonly<Record<number, string>>): Bytes {
  const entries = Object.entries(texts);
  let place = 8 + 2 + entries.length * 12 + 4;
  const heads: number[] = [];
  for (const [tag, text] of entries) {
    heads.push(Number(tag) & 255, Number(tag) >> 8, 2, 0, ...le32(text.length + 1), ...le32(place));
    place += text.length + 1;
  }
  const count = [entries.length & 255, entries.length >> 8];
  return bytes("II*\0", le32(8), count, heads, [0, 0, 0, 0], ...entries.map(([, text]) => `${text}\0`));
}

export function webp(...chunks: readonly (readonly [type: string, data: Uint8Array])[]): Bytes {
  const body = bytes(...chunks.flatMap(([type, data]) => [type, le32(data.length), data, data.length % 2 ? [0] : []]));
  return bytes("RIFF", le32(body.length + 4), "WEBP", body);
}

export function safetensors(header: string): Bytes {
  return bytes(le32(header.length), [0, 0, 0, 0], header, [1, 2, 3]);
}
