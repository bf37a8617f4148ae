export const { addDomClippingSetting } = globalThis.comfyAPI.domWidget;
