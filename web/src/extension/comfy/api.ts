/** ComfyUI's `api` object: requests, and the events of the socket as DOM events. */
import { address, ask, getJson, postJson, userFile } from "../../api/client";
import { hearMessages } from "../../api/messages";
import { type Json, writeJson } from "../../graph/json";
import { clientId } from "../../store/ownJobs";

type Options = RequestInit & { readonly body?: BodyInit | null };

export class ComfyApi {
  /** Not inherited: a browser's own methods refuse to be called through a stand-in. */
  private readonly events = new EventTarget();
  readonly api_base = "";
  /** Packs compare it with what messages name. */
  readonly clientId = clientId();
  readonly initialClientId = clientId();
  user = "";

  constructor() {
    hearMessages((type, detail) => this.dispatchEvent(new CustomEvent(type, { detail })));
  }

  addEventListener(type: string, hear: EventListener, options?: AddEventListenerOptions): void {
    this.events.addEventListener(type, hear, options);
  }

  removeEventListener(type: string, hear: EventListener): void {
    this.events.removeEventListener(type, hear);
  }

  dispatchEvent(event: Event): boolean {
    return this.events.dispatchEvent(event);
  }

  apiURL(route: string): string {
    return address(`api${route}`);
  }

  internalURL(route: string): string {
    return address(`internal${route}`);
  }

  fileURL(route: string): string {
    return address(route.replace(/^\//, ""));
  }

  /** Ask the server. An answer that is no success comes back as it is. */
  fetchApi(route: string, options: Options = {}): Promise<Response> {
    return fetch(this.apiURL(route), { credentials: "same-origin", ...options });
  }

  dispatchCustomEvent(type: string, detail?: unknown): boolean {
    return this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  queuePrompt(number: number, { output, workflow }: { output: Json; workflow: Json }): Promise<unknown> {
    const order = number === 0 ? {} : number === -1 ? { front: true } : { number };
    return postJson("prompt", {
      client_id: this.clientId,
      prompt: output,
      extra_data: { extra_pnginfo: { workflow } },
      ...order,
    });
  }

  getNodeDefs(): Promise<unknown> {
    return getJson("object_info");
  }

  getExtensions(): Promise<unknown> {
    return getJson("extensions");
  }

  getEmbeddings(): Promise<unknown> {
    return getJson("embeddings");
  }

  getQueue(): Promise<unknown> {
    return getJson("queue");
  }

  getHistory(most = 200): Promise<unknown> {
    return getJson(`history?max_items=${most}`);
  }

  getSystemStats(): Promise<unknown> {
    return getJson("system_stats");
  }

  getModels(folder: string): Promise<unknown> {
    return getJson(`models/${encodeURIComponent(folder)}`);
  }

  viewMetadata(folder: string, model: string): Promise<unknown> {
    return getJson(`view_metadata/${encodeURIComponent(folder)}?filename=${encodeURIComponent(model)}`);
  }

  getSettings(): Promise<unknown> {
    return getJson("settings");
  }

  getSetting(id: string): Promise<unknown> {
    return getJson(`settings/${encodeURIComponent(id)}`);
  }

  storeSetting(id: string, value: Json): Promise<unknown> {
    return postJson(`settings/${encodeURIComponent(id)}`, value);
  }

  storeSettings(settings: Json): Promise<unknown> {
    return postJson("settings", settings);
  }

  getUserData(file: string): Promise<Response> {
    return this.fetchApi(`/${userFile(file)}`);
  }

  storeUserData(file: string, data: unknown, { stringify = true, overwrite = true } = {}): Promise<Response> {
    const body = stringify ? writeJson(data as Json) : (data as BodyInit);
    return ask(`${userFile(file)}?overwrite=${overwrite}`, {
      method: "POST",
      body,
      headers: { "Content-Type": "application/json" },
    });
  }

  deleteUserData(file: string): Promise<Response> {
    return this.fetchApi(`/${userFile(file)}`, { method: "DELETE" });
  }

  interrupt(prompt?: string | null): Promise<unknown> {
    return postJson("interrupt", prompt ? { prompt_id: prompt } : {});
  }

  freeMemory(options: Json): Promise<unknown> {
    return postJson("free", options);
  }
}
