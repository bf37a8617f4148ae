/** What a file is by its first bytes, and the graphs that it carries. The file's name is not believed. */
import { t, type Word } from "../words";
import { type Bytes, startsWith, utf8 } from "./bytes";
import { type Graphs, graphsIn } from "./graphs";
import { JPEG, jpegTexts } from "./jpeg";
import { LONGEST, readJson } from "./jsonText";
import { PNG, pngTexts } from "./png";
import { headerSize, LONGEST_HEADER, safetensorsTexts } from "./safetensors";
import { Unreadable } from "./unreadable";
import { isWebp, webpTexts } from "./webp";

export type Kind = "json" | "png" | "webp" | "jpeg" | "safetensors" | "other";

export interface Carried {
  readonly kind: Kind;
  readonly graphs: Graphs;
}

/** Pictures of more bytes are not looked into. */
export const LARGEST_PICTURE = 256 << 20;
const START = 32;
const PICTURES: ReadonlySet<Kind> = new Set(["png", "webp", "jpeg"]);
const KINDS: ReadonlyArray<readonly [text: string, at: number, name: Word]> = [
  ["GIF8", 0, "open.kind.gif"],
  ["ftyp", 4, "open.kind.video"],
  ["\x1aE\xdf\xa3", 0, "open.kind.video"],
  ["PK\x03\x04", 0, "open.kind.zip"],
  ["%PDF", 0, "open.kind.pdf"],
  ["<", 0, "open.kind.markup"],
];

export function kindOf(start: Uint8Array): Kind {
  if (startsWith(start, PNG)) return "png";
  if (isWebp(start)) return "webp";
  if (startsWith(start, JPEG)) return "jpeg";
  if (headerSize(start) !== undefined) return "safetensors";
  return /^\ufeff?\s*[[{]/.test(utf8(start)) ? "json" : "other";
}

export function isPicture(kind: Kind): boolean {
  return PICTURES.has(kind);
}

/**
 * Read what a file carries, and no more of it than that takes.
 *
 * @throws Unreadable when it is too large, damaged or of a kind that carries no graphs; the message says which.
 */
export async function carriedBy(file: Blob): Promise<Carried> {
  const start = await bytesOf(file, START);
  const kind = kindOf(start);
  if (kind === "other") throw new Unreadable(refusal(start));
  if (kind === "json") return { kind, graphs: graphsIn(readJson(utf8(await whole(file, LONGEST)))) };
  return { kind, graphs: graphsOf(await textsOf(kind, file, start)) };
}

async function textsOf(kind: Kind, file: Blob, start: Bytes): Promise<ReadonlyMap<string, string>> {
  if (kind === "safetensors") return safetensorsTexts(await bytesOf(file, headerSize(start) ?? LONGEST_HEADER));
  const bytes = await whole(file, LARGEST_PICTURE);
  if (kind === "png") return pngTexts(bytes);
  return kind === "webp" ? webpTexts(bytes) : jpegTexts(bytes);
}

/** What the two texts say. One that cannot be read does not spoil the other. */
export function graphsOf(texts: ReadonlyMap<string, string>): Graphs {
  const found: Graphs[] = [];
  let problem: unknown;
  for (const key of ["workflow", "prompt"]) {
    const text = texts.get(key);
    if (text === undefined) continue;
    try {
      found.push(graphsIn(readJson(text)));
    } catch (error) {
      problem = error;
    }
  }
  const graphs = Object.assign({}, ...found.reverse()) as Graphs;
  if (problem !== undefined && !graphs.workflow && !graphs.prompt) throw problem;
  return graphs;
}

async function whole(file: Blob, limit: number): Promise<Bytes> {
  if (file.size > limit) throw new Unreadable(t("open.tooLarge", { size: file.size >> 20, limit: limit >> 20 }));
  return bytesOf(file, file.size);
}

async function bytesOf(file: Blob, count: number): Promise<Bytes> {
  return new Uint8Array(await file.slice(0, count).arrayBuffer());
}

function refusal(start: Uint8Array): string {
  if (start.length === 0) return t("open.empty");
  const known = KINDS.find(([text, at]) => startsWith(start, text, at));
  return known ? t("open.noGraphsIn", { kind: t(known[2]) }) : t("open.unknownKind");
}
