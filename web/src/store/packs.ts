/** What became of the server's node packs, and when they are loaded again. */
import { create } from "zustand";
import { getJson } from "../api/client";
import { hearMessages } from "../api/messages";
import { asList, asNumber, asObject, asText, type JsonObject } from "../graph/json";
import { t } from "../words";
import { loadCatalogue } from "./catalogue";
import { notify, openDialog } from "./ui";

export interface Pack {
  readonly name: string;
  readonly state: string;
  readonly nodes: readonly string[];
  readonly troubles: readonly Trouble[];
  readonly findings: readonly string[];
  /** Parts of the engine that it has replaced. */
  readonly patches: readonly string[];
  readonly seconds: number;
}

export interface Trouble {
  readonly message: string;
  readonly remedy: string;
  readonly traceback: string;
}

export const usePacks = create<{ readonly packs: readonly Pack[] }>(() => ({ packs: [] }));

/** Ask what became of them. */
export async function loadPacks(): Promise<void> {
  usePacks.setState({ packs: asList(await getJson("packs")).map((pack) => readPack(asObject(pack))) });
}

/** Ask once, and again whenever a pack is loaded anew. Packs with trouble are told in a notice. Returns how to stop. */
export function followPacks(): () => void {
  loadPacks().then(tellTrouble, () => undefined);
  return hearMessages((type, data) => {
    if (type !== "nodes_changed") return;
    const { pack, trouble } = asObject(data);
    notify(
      trouble ? "warn" : "good",
      t(trouble ? "packs.again.bad" : "packs.again", { pack: asText(pack), trouble: asText(trouble) }),
    );
    void loadCatalogue();
    void loadPacks();
  });
}

function tellTrouble(): void {
  const bad = usePacks.getState().packs.filter((pack) => pack.troubles.length > 0);
  if (bad.length === 0) return;
  const names = bad.map((pack) => pack.name).join(", ");
  notify("warn", t("packs.trouble", { names }), { label: t("packs.show"), run: () => openDialog("packs") });
}

function readPack(told: JsonObject): Pack {
  return {
    name: asText(told.name),
    state: asText(told.state),
    nodes: asList(told.nodes).map(String),
    troubles: asList(told.trouble).map((trouble) => readTrouble(asObject(trouble))),
    findings: asList(told.findings).map((finding) => findingText(asObject(finding))),
    patches: asList(told.patches).map(String),
    seconds: asNumber(told.seconds),
  };
}

function readTrouble({ message, remedy, traceback }: JsonObject): Trouble {
  return { message: asText(message), remedy: asText(remedy), traceback: asText(traceback) };
}

function findingText({ file, line, what, why }: JsonObject): string {
  return t("packs.finding", { file: asText(file), line: asNumber(line), what: asText(what), why: asText(why) });
}
