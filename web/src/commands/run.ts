/** Commands of the family `run`. */
import type { Command } from "./command";

export const RUN: readonly Command[] = [];
