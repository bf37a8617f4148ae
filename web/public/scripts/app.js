// ComfyUI's address for its application object; here it is a stand-in of the same shape. See `web/src/extension/comfy`.
export const { app, ComfyApp, ANIM_PREVIEW_WIDGET } = globalThis.comfyAPI.app;
