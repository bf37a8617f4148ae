import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { startFiles } from "./files/start";
import { LoginDialog } from "./panels/files/LoginDialog";
import "./styles/files.css";
import { startMotion } from "./look/motion";
import { startTheme } from "./look/theme";
import { startLanguage } from "./words/language";
import "./styles/tokens.css";
import "./styles/base.css";

startTheme();
startMotion();
await startLanguage();
const root = document.getElementById("root");
const isIn = await startFiles();
if (root) createRoot(root).render(<StrictMode>{isIn ? <App /> : <LoginDialog />}</StrictMode>);
