/** The model files of the server by kind, and those that the open graph names and that are not there. */
import { create } from "zustand";
import { getJson, postJson } from "../api/client";
import type { Job } from "../api/jobs";
import { asList, asObject, asText, isObject, type Json } from "../graph/json";
import { writeDocument } from "../graph/writing";
import { t } from "../words";
import { loadCatalogue } from "./catalogue";
import { useQueue } from "./queue";
import { activeDocument } from "./tabs";
import { notify } from "./ui";

export interface ModelKind {
  readonly kind: string;
  readonly files: readonly string[];
}

export interface MissingFile {
  readonly kind: string;
  readonly name: string;
  /** Where the graph says that it can be had, or an empty text. */
  readonly source: string;
  readonly nearest: readonly string[];
}

interface Models {
  readonly kinds: readonly ModelKind[];
  readonly missing: readonly MissingFile[];
  /** Whether the server fetches files. */
  readonly fetches: boolean;
  readonly loaded: boolean;
}

/** Kinds that hold no models. */
const OTHERS: ReadonlySet<string> = new Set(["configs", "custom_nodes"]);

export const useModels = create<Models>(() => ({ kinds: [], missing: [], fetches: false, loaded: false }));

export async function loadModels(): Promise<void> {
  const names = texts(await getJson("models")).filter((kind) => !OTHERS.has(kind));
  const files = await Promise.all(
    names.map(async (kind) => texts(await getJson(`models/${encodeURIComponent(kind)}`))),
  );
  useModels.setState({ kinds: names.map((kind, at) => ({ kind, files: files[at] ?? [] })), loaded: true });
}

/** Ask what the graph that is seen needs and the server has not. */
export async function loadMissing(): Promise<void> {
  const document = activeDocument();
  if (document.canvas.nodes.size === 0) {
    useModels.setState({ missing: [] });
    return;
  }
  const told = asObject(await postJson("requirements", writeDocument(document)));
  const missing = asList(told.files)
    .filter(isObject)
    .filter((file) => file.here !== true);
  useModels.setState({ missing: missing.map(readMissing), fetches: told.fetches === true });
}

/** Let the server fetch a file, as a job of its queue; when it is there, lists and fields know it. */
export async function fetchModel({ source, kind, name }: MissingFile): Promise<void> {
  const job = asObject(await postJson("downloads", { source, to: kind, name }));
  whenOver(asText(job.id), async ({ state, reason }) => {
    if (state !== "done") {
      notify("bad", t("models.notFetched", { name, reason }));
      return;
    }
    await Promise.all([loadCatalogue(), loadModels(), loadMissing()]);
    notify("good", t("models.fetched", { name }));
  });
}

function whenOver(id: string, then: (job: Job) => Promise<void>): void {
  const stop = useQueue.subscribe(({ jobs }) => {
    const job = jobs.get(id);
    if (!job || job.finished === null) return;
    stop();
    then(job).catch((error: Error) => notify("bad", error.message));
  });
}

function readMissing(file: { readonly [key: string]: Json }): MissingFile {
  return {
    kind: asText(file.kind),
    name: asText(file.name),
    source: asText(file.source),
    nearest: texts(file.nearest),
  };
}

function texts(value: unknown): string[] {
  return asList(value).filter((text): text is string => typeof text === "string");
}
