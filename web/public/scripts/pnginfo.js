export const { getPngMetadata, getWebpMetadata } = globalThis.comfyAPI.pnginfo;
