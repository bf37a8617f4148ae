/** The texts in a PNG file: `tEXt`, `zTXt` and `iTXt` chunks, and the `comf` chunks of animated ones. */
import { type Bytes, latin, splitAtZero, startsWith, u32, utf8 } from "./bytes";
import { inflate } from "./inflate";

export const PNG = "\x89PNG\r\n\x1a\n";

/** Bytes that all packed texts of a file together may stand for. */
export const MOST_TEXT = 32 << 20;

interface Chunk {
  readonly type: string;
  readonly data: Bytes;
}

/** Texts by keyword; of several under one the first. A file that ends too early has those before its end. */
export async function pngTexts(bytes: Bytes): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  let left = MOST_TEXT;
  for (const chunk of chunks(bytes)) {
    const found = await textOf(chunk, left);
    if (!found) continue;
    left -= found.text.length;
    if (!texts.has(found.keyword)) texts.set(found.keyword, found.text);
  }
  return texts;
}

function* chunks(bytes: Bytes): Generator<Chunk> {
  if (!startsWith(bytes, PNG)) return;
  let at = PNG.length;
  while (at + 12 <= bytes.length) {
    const size = u32(bytes, at);
    const start = at + 8;
    if (start + size > bytes.length) return;
    yield { type: latin(bytes.subarray(at + 4, start)), data: bytes.subarray(start, start + size) };
    at = start + size + 4;
  }
}

async function textOf({ type, data }: Chunk, limit: number): Promise<{ keyword: string; text: string } | undefined> {
  const [name, rest] = splitAtZero(data);
  const keyword = latin(name);
  if (type === "tEXt" || type === "comf") return { keyword, text: plain(rest) };
  if (type === "zTXt") return { keyword, text: plain(await inflate(rest.subarray(1), limit)) };
  if (type === "iTXt") return { keyword, text: await international(rest, limit) };
  return undefined;
}

/** Latin-1 by the rules; but some programs put UTF-8 there, which is seldom meant as anything else. */
function plain(bytes: Bytes): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return latin(bytes);
  }
}

/** After the keyword: packed or not, how, a language, the keyword in that language, the text. */
async function international(data: Bytes, limit: number): Promise<string> {
  const [, afterLanguage] = splitAtZero(data.subarray(2));
  const [, text] = splitAtZero(afterLanguage);
  return utf8(data[0] === 1 ? await inflate(text, limit) : text);
}
