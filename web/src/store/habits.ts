/** Which nodes a user adds and likes, kept per browser: the search puts them first. */
import { create } from "zustand";
import { persist } from "zustand/middleware";
import type { Habits } from "../graph/search";

export const useHabits = create<Habits>()(
  persist((): Habits => ({ uses: {}, favourites: [] }), { name: "ldm_nodes.habits" }),
);

export function countUse(name: string): void {
  useHabits.setState(({ uses }) => ({ uses: { ...uses, [name]: (uses[name] ?? 0) + 1 } }));
}

export function toggleFavourite(name: string): void {
  useHabits.setState(({ favourites }) => ({
    favourites: favourites.includes(name) ? favourites.filter((one) => one !== name) : [...favourites, name],
  }));
}
