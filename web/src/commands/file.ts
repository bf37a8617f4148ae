/** Commands of the family `file`. */
import type { Command } from "./command";

export const FILE: readonly Command[] = [];
