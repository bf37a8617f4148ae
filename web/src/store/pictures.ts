/** The pictures that jobs have made, the newest first, as far as they have been asked for. */
import { create } from "zustand";
import { address } from "../api/client";
import { type MadePicture, picturePage } from "../api/jobs";
import type { Picture } from "./runState";

interface Pictures {
  readonly pictures: readonly MadePicture[];
  /** What to ask for to get more; null where there are no more. */
  readonly before: number | null;
  readonly loaded: boolean;
}

export const usePictures = create<Pictures>(() => ({ pictures: [], before: null, loaded: false }));

/** Ask for the newest; those that are known already stay. */
export async function refreshPictures(): Promise<void> {
  const page = await picturePage(null);
  usePictures.setState((state) => {
    const fresh = new Set(page.pictures.map(pictureKey));
    const older = state.pictures.filter((picture) => !fresh.has(pictureKey(picture)));
    const kept = state.loaded ? older : [];
    return { pictures: [...page.pictures, ...kept], before: state.loaded ? state.before : page.before, loaded: true };
  });
}

export async function morePictures(): Promise<void> {
  const { before } = usePictures.getState();
  if (before === null) return;
  const page = await picturePage(before);
  usePictures.setState((state) => {
    const known = new Set(state.pictures.map(pictureKey));
    const fresh = page.pictures.filter((picture) => !known.has(pictureKey(picture)));
    return { pictures: [...state.pictures, ...fresh], before: page.before };
  });
}

export function pictureUrl({ filename, subfolder, type }: Picture): string {
  return address("view", { filename, subfolder, type });
}

/** Two entries of one file are one picture. */
export function pictureKey({ filename, subfolder, type }: Picture): string {
  return `${type}/${subfolder}/${filename}`;
}
