/** Puts a node among the favourites or takes it out. */
import { Star } from "lucide-react";
import { toggleFavourite, useHabits } from "../../store/habits";
import { t } from "../../words";

export function FavouriteButton({ name, title }: { readonly name: string; readonly title: string }) {
  const on = useHabits((state) => state.favourites.includes(name));
  return (
    <button
      type="button"
      className="icon-button favourite-button"
      aria-pressed={on}
      aria-label={t("node.favouriteOf", { title })}
      title={t("node.favourite")}
      onClick={() => toggleFavourite(name)}
    >
      <Star aria-hidden />
    </button>
  );
}
