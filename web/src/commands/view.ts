/** Commands of the family `view`. */
import type { Command } from "./command";

export const VIEW: readonly Command[] = [];
