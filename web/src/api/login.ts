/** Who the server takes this browser for, and the way to become someone: requests wait until there is a login. */
import { create } from "zustand";
import { parseJson, writeJson } from "../graph/json";
import { address } from "./client";

export interface Standing {
  /** The server lets in only those who log in. */
  readonly asks: boolean;
  /** A user's name; empty for whoever sees everything; null for a stranger. */
  readonly user: string | null;
}

interface Login {
  readonly standing: Standing;
  /** Requests wait for a login: the dialog is open. */
  readonly wanted: boolean;
}

export const useLogin = create<Login>(() => ({ standing: { asks: false, user: "" }, wanted: false }));

/** Ask the server who we are. */
export async function loadStanding(): Promise<Standing> {
  const standing = parseJson(await (await fetch(address("login"))).text()) as unknown as Standing;
  useLogin.setState({ standing });
  return standing;
}

/** Wait until somebody has logged in; the dialog opens. */
export function askForLogin(): Promise<void> {
  useLogin.setState({ wanted: true });
  return new Promise((resolve) => {
    const end = useLogin.subscribe(({ wanted }) => {
      if (wanted) return;
      end();
      resolve();
    });
  });
}

/** @returns what is wrong with the token, or an empty text. */
export async function logIn(token: string): Promise<string> {
  const answer = await post("login", writeJson({ token }));
  if (!answer.ok) return (await answer.text()).trim();
  await loadStanding();
  useLogin.setState({ wanted: false });
  return "";
}

export async function logOut(): Promise<void> {
  await post("logout", "{}");
}

function post(path: string, body: string): Promise<Response> {
  return fetch(address(path), { method: "POST", body, headers: { "Content-Type": "application/json" } });
}
