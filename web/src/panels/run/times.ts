/** Times and amounts as people say them. */
import { t } from "../../words";

/** `0.4 s`, `12 s`, `3 min 05 s`, `2 h 10 min`. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return t("time.seconds", { s: seconds.toFixed(1) });
  const whole = Math.round(seconds);
  if (whole < 60) return t("time.seconds", { s: whole });
  if (whole < 3600) return t("time.minutes", { m: Math.floor(whole / 60), s: padded(whole % 60) });
  return t("time.hours", { h: Math.floor(whole / 3600), m: padded(Math.floor((whole % 3600) / 60)) });
}

/** What is left: whole seconds only, for a number that jumps in its last digit says nothing. */
export function left(seconds: number): string {
  if (seconds < 1) return t("time.lessThanSecond");
  const whole = Math.ceil(seconds);
  return whole < 10 ? t("time.seconds", { s: whole }) : duration(whole);
}

/** `just now`, `5 s ago`, `12 min ago`, `3 h ago`, or the date. */
export function ago(seconds: number, now: number = Date.now() / 1000): string {
  const passed = Math.max(0, Math.round(now - seconds));
  if (passed < 2) return t("time.now");
  if (passed < 60) return t("time.secondsAgo", { s: passed });
  if (passed < 3600) return t("time.minutesAgo", { m: Math.floor(passed / 60) });
  if (passed < 86_400) return t("time.hoursAgo", { h: Math.floor(passed / 3600) });
  return new Date(seconds * 1000).toLocaleDateString();
}

/** `412 MB`, `7.9 GB`. */
export function amount(bytes: number): string {
  if (bytes < 1 << 30) return t("amount.mb", { n: Math.round(bytes / (1 << 20)) });
  return t("amount.gb", { n: (bytes / (1 << 30)).toFixed(1) });
}

function padded(value: number): string {
  return String(value).padStart(2, "0");
}
