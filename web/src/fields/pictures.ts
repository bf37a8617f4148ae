/** Where pictures of the server are, and how the names in fields say it: `sub/x.png [output]`. */
import { address } from "../api/client";
import type { Picture } from "../store/run";

const MARKED = /^(.*?)\s?\[(input|output|temp)\]$/;

/** The file that a field's value names. */
export function pictureOf(name: string, folder: string): Picture {
  const [, path = name, type = folder] = MARKED.exec(name) ?? [];
  const slash = path.lastIndexOf("/");
  return { filename: path.slice(slash + 1), subfolder: slash < 0 ? "" : path.slice(0, slash), type };
}

/** How a field names a file. */
export function nameOf({ filename, subfolder, type }: Picture, folder: string): string {
  const path = subfolder ? `${subfolder}/${filename}` : filename;
  return type === folder && folder === "input" ? path : `${path} [${type}]`;
}

export function pictureAddress(
  { filename, subfolder, type }: Picture,
  more: Readonly<Record<string, string>> = {},
): string {
  return address("view", { filename, subfolder, type, ...more });
}

/** The same picture in fewer bytes. */
export function smallAddress(picture: Picture): string {
  return pictureAddress(picture, { preview: "webp;70" });
}
