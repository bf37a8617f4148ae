export const { $el, ComfyDialog, ComfyUI, toggleSwitch } = globalThis.comfyAPI.ui;
