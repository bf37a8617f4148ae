/** English, for node packs. */
export const packs = {
  "packs.title": "Node packs",
  "packs.none": "There are no node packs. Put one into custom_nodes/ and start the server again.",
  "packs.close": "Close",
  "packs.show": "Show",
  "packs.trouble": "Not all of {names} could be loaded.",
  "packs.again": "{pack} was loaded again.",
  "packs.again.bad": "{pack} was loaded again, and not all of it works: {trouble}",
  "packs.loaded": "Loaded in {seconds} s, {count} nodes",
  "packs.failed": "Could not be loaded",
  "packs.refused": "Waits for your word",
  "packs.traceback": "Where it happened",
  "packs.findings": "What stands out in its files ({count})",
  "packs.finding": "{file}:{line} {what} {why}",
  "packs.patches": "It has replaced parts of the engine: {names}",
  "command.packs": "Node packs…",
} as const;
