/** A picture's small picture in a list; nothing where there is none. */
import { useState } from "react";
import { pictureOf, smallAddress } from "./pictures";

export function Thumbnail({ name, folder }: { readonly name: string; readonly folder: string }) {
  const [isGone, setGone] = useState(false);
  if (isGone) return <span className="choice-picture" />;
  const source = smallAddress(pictureOf(name, folder));
  return <img className="choice-picture" src={source} alt="" loading="lazy" onError={() => setGone(true)} />;
}
