/** Files on their way to the server. */
import { address, Refused } from "../api/client";
import { asObject, asText, parseJson, writeJson } from "../graph/json";
import type { Picture } from "../store/run";

/** Send a file into a folder of the server; a file of the same name and content that is there is used again. */
export async function upload(file: File, folder: string, subfolder = ""): Promise<Picture> {
  return send("upload/image", file, { type: folder, subfolder });
}

/** Keep a picture with another alpha: that of `mask`, a PNG of the same size. */
export async function uploadMask(mask: File, original: Picture): Promise<Picture> {
  return send("upload/mask", mask, { type: "input", subfolder: "clipspace", original_ref: writeJson(original) });
}

async function send(path: string, file: File, fields: Readonly<Record<string, string>>): Promise<Picture> {
  const form = new FormData();
  form.append("image", file, file.name);
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  const response = await fetch(address(path), { method: "POST", body: form, credentials: "same-origin" });
  const text = await response.text();
  if (!response.ok) throw new Refused(response.status, text.trim() || String(response.status));
  const { name, subfolder: kept, type } = asObject(parseJson(text));
  return { filename: asText(name), subfolder: asText(kept), type: asText(type, "input") };
}

/** The files of a paste or a drop that an input takes. */
export function filesFor(accept: string, list: Iterable<File>): File[] {
  const kind = accept.replace("/*", "/");
  return [...list].filter((file) => accept === "" || file.type.startsWith(kind));
}

/** Pictures from the clipboard are all called the same; the time tells them apart. */
export function named(file: File, now: Date): File {
  if (!/^image\.\w+$/.test(file.name)) return file;
  const stamp = now.toISOString().slice(0, 19).replace(/\D/g, "");
  return new File([file], `pasted-${stamp}.${file.name.split(".").pop()}`, { type: file.type });
}
