export const { addStylesheet, applyTextReplacements, clone, downloadBlob, getStorageValue, setStorageValue, uploadFile } = globalThis.comfyAPI.utils;
